// Distributions made from distributions. A combinator builds a record as the script runs: its parameters are
// those of its base distributions, as they were given, and its own; its members write the base's expressions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/distribution_functions.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/functions/common.hpp"

namespace elbo::stdlib {

using runtime::Distribution;
using runtime::DistributionCall;
using runtime::DistributionValue;

/// A distribution inside a combinator: which it is, and where its parameters stand in the combinator's
/// record.
struct Base {
  DistributionValue value;
  std::size_t first = 0;

  const Distribution& record() const { return *value.distribution; }
  /// With its parameters taken from those of the combinator.
  DistributionCall call(Parameters p) const;
};

/// Collects the parameters of a combinator, then makes the value.
class Combination {
 public:
  Combination(std::string name, const Arguments& arguments);

  /// Adds the parameters of a base; their names end in `suffix`.
  Base add(const DistributionValue& base, const std::string& suffix = "");
  /// Adds a parameter of the combinator's own; returns its position.
  std::size_t add(const std::string& name, const Value& value, const runtime::SupportKind& support,
                  std::string help, int rank = 0);
  /// The rank of the parameters of a base whose vectors run over components.
  void set_rank(std::size_t parameter, int rank) { record_->parameter_ranks[parameter] = rank; }
  const Value& parameter(std::size_t i) const { return value_.parameters[i]; }

  Distribution& record() { return *record_; }
  /// The value, its known parameters checked; `size` is argument `size_argument` of the call, or the base's.
  Value finish(std::size_t size_argument, const Shape& base_size = {});

 private:
  const Arguments& arguments_;
  std::shared_ptr<Distribution> record_;
  DistributionValue value_;
};

/// Argument i as a distribution over numbers; Failure "wrong-type".
const DistributionValue& base_argument(const Arguments& a, std::size_t i, const std::string& combinator);
const DistributionValue& base_value(const Value& value, const lang::Span& span,
                                    const std::string& combinator);

/// Whether its outcomes are counts.
bool is_discrete(const DistributionValue& d);

/// Failure "no-closed-form" when the base has no distribution function.
void require_cdf(const DistributionValue& base, const std::string& combinator, const lang::Span& span);

/// log of the sum of exp(terms) over the last dimension; -inf where all of them are.
Expr log_total(Expr terms);
/// log(exp(a) + exp(b) + …), elementwise.
Expr log_sum(const std::vector<Expr>& terms);
/// The terms with their common shape, side by side in a new last dimension.
Expr columns(const std::vector<Expr>& terms);

/// The least interval (or range of counts) that holds all of these supports, which are of numbers all or of
/// counts all.
runtime::Support unite(const std::vector<runtime::Support>& supports);

/// A support cut to [lower, upper], either of which may be absent.
runtime::Support cut(const runtime::Support& support, Expr lower, Expr upper);

}  // namespace elbo::stdlib
