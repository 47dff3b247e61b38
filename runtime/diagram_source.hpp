// What a drawing needs of the text of a model: which statements stand in which loops, and which names an
// expression reads. Internal to diagram*.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lang/syntax.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// A loop around a statement.
struct SourceLoop {
  const lang::ForStatement* statement;
  lang::Span span;
};

/// A statement that defines something, or a factor.
struct Site {
  const lang::Target* target = nullptr;  ///< null for a factor
  lang::Span span;
  bool is_sample = false, is_param = false, is_factor = false, is_let = false;  ///< none: an assignment
  const lang::SampleStatement* sample = nullptr;
  std::vector<const lang::Expression*> uses;  ///< distribution, value, bounds
  std::vector<SourceLoop> loops;              ///< outermost first
  std::vector<const lang::Expression*> conditions;
};

/// One place where an expression reads a name.
struct Read {
  std::string name;
  std::string field;                             ///< of `name.field`
  const lang::IndexExpression* index = nullptr;  ///< of `name[…]` or `name.field[…]`
  bool is_index = false;                         ///< it stands inside an index
};

/// A body with its statements in order, those of loops and of `if` blocks included.
struct SourceBody {
  const ModelBody* body = nullptr;
  std::vector<Site> sites;
  std::vector<const lang::Expression*> results;  ///< of `return`, or the last expression
  const SourceBody* outer = nullptr;             ///< of an embedded model
  const Site* embedded_at = nullptr;

  /// All loops around a statement, those of bodies around this one first, with the body of each.
  std::vector<std::pair<const SourceBody*, SourceLoop>> loops_around(const Site& site) const;
  /// Target as the whole model knows it: "z[j].theta[k]".
  std::string full_name(const Site& site) const;
};

/// The bodies of a model, outermost first; addresses stay.
std::vector<SourceBody> read_bodies(const ModelGraph& model);

/// Names that an expression reads, except those that it defines itself (lambdas, comprehensions), and where
/// only a length is asked for.
std::vector<Read> reads_of(const lang::Expression& expression);

/// "j, k + 1".
std::string index_text(const std::vector<lang::ExpressionPtr>& indices);

}  // namespace elbo::runtime
