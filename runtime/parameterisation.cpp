// Parameters given under other names: which name stands where, and the way to the canonical parameters and
// back.
#include "runtime/distribution.hpp"

namespace elbo::runtime {

ParameterRole role(const Distribution& distribution, const Parameterisation* alternative, std::size_t i) {
  const DistributionParameter& canonical = distribution.parameters[i];
  if (alternative != nullptr) {
    if (alternative->replaces == canonical.name) return {alternative->name, alternative->support, true};
    for (const AlternativeName& partner : alternative->partners) {
      if (partner.replaces == canonical.name) return {partner.name, partner.support, true};
    }
  }
  return {canonical.name, canonical.support, false};
}

namespace {

/// `convert` of the parameter that the alternative replaces; the others as they are.
std::vector<Expr> with_one(const Distribution& distribution, const Parameterisation& alternative,
                           std::span<const Expr> parameters, Expr (*convert)(Expr)) {
  std::vector<Expr> result(parameters.begin(), parameters.end());
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (distribution.parameters[i].name == alternative.replaces) result[i] = convert(result[i]);
  }
  return result;
}

}  // namespace

std::vector<Expr> canonical_parameters(const Distribution& distribution, const Parameterisation* alternative,
                                       std::span<const Expr> given) {
  if (alternative == nullptr) return {given.begin(), given.end()};
  if (alternative->all_canonical != nullptr) return alternative->all_canonical(given);
  return with_one(distribution, *alternative, given, alternative->canonical);
}

std::vector<Expr> given_parameters(const Distribution& distribution, const Parameterisation* alternative,
                                   std::span<const Expr> canonical) {
  if (alternative == nullptr) return {canonical.begin(), canonical.end()};
  if (alternative->all_given != nullptr) return alternative->all_given(canonical);
  return with_one(distribution, *alternative, canonical, alternative->from_canonical);
}

}  // namespace elbo::runtime
