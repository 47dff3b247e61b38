// Distributions that a script defines: `dist Name(parameters) on support { log_density(x) = …; sample() = …
// }`. The statement makes a record like those of the standard library, whose members evaluate the script's
// functions with expressions for values. A body means what it means for one outcome.
#pragma once

#include <memory>

#include "lang/syntax.hpp"
#include "runtime/distribution.hpp"
#include "runtime/evaluation.hpp"

namespace elbo::runtime {

/// What `dist Name(…) …` defines: calling it gives a distribution.
class OwnDistribution : public Object {
 public:
  explicit OwnDistribution(std::shared_ptr<const Distribution> record) : record_(std::move(record)) {}
  std::string type_name() const override { return "distribution without its arguments"; }
  std::string show() const override;
  /// Failures as of a call of a built-in distribution.
  std::optional<Value> call(Interpreter&, std::vector<CallArgument> arguments,
                            const lang::Span& span) const override;

 private:
  std::shared_ptr<const Distribution> record_;
};

/// The value of the statement; `evaluation` is that of the scope in which it stands. Failures: "bad-dist" for
/// members and parameters that a distribution cannot have.
Value define_distribution(Evaluation& evaluation, const lang::DistStatement& statement);

/// Where a script's `sample()` draws: its graph, and the axes along which draws are independent. Built-in
/// `sample` asks the interpreter for it.
struct DrawContext {
  std::shared_ptr<Graph> graph;
  std::vector<AxisId> axes;
};

}  // namespace elbo::runtime
