// fisher(d) in the language: the Fisher information of one distribution in its own parameters.
#include "inference/fisher.hpp"
#include "inference/fisher_quadrature.hpp"
#include "inference/methods.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// The distribution with those of its parameters as inputs that can move (not counts), and their values.
struct Freed {
  Term term;
  std::vector<Expr> parameters;
  Replacements values;
};

Freed freed(const DistributionValue& value, Graph& graph, const lang::Span& span) {
  Freed result;
  const Distribution& distribution = *value.distribution;
  DistributionCall call{&distribution, {}, value.alternative, {}, {}};
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    const ParameterRole declared = role(distribution, value.alternative, i);
    const SupportKind& support = *declared.support;
    if (value.parameters[i].is<Symbol>()) {
      fail("not-differentiable", "fisher needs a distribution whose parameters are known numbers", span);
    }
    const Tensor number = to_tensor(value.parameters[i]);
    const Expr constant = graph.constant(number);
    if (support.event_rank > 0) {
      fail("no-fisher-information",
           "the entries of `" + std::string(declared.name) + "` of " + std::string(distribution.name) +
               " cannot move one by one",
           span,
           &support == &simplex_support ? "give it by its logits"
                                        : "mle(natural = true) moves it on its unconstrained scale");
    }
    Expr given = constant;
    if (!support.discrete) {
      given = graph.input(std::string(declared.name), {{}, number.shape(), Domain::real});
      result.parameters.push_back(given);
      result.values[given.id()] = constant;
    }
    call.given.push_back(given);
  }
  call.canonical = canonical_parameters(distribution, value.alternative, call.given);
  // Only the shape of one outcome matters: the information does not depend on a value.
  const Shape shape = event_shape(call);
  const Shape outcomes(shape.begin(), shape.end() - distribution.event_rank);
  result.term.name = distribution.name;
  result.term.call = std::move(call);
  result.term.log_density = graph.input("outcomes", {{}, outcomes, Domain::real});
  result.term.span = span;
  return result;
}

Value fisher(Interpreter&, const Arguments& a) {
  const auto* value = a.values[0].as<std::shared_ptr<const DistributionValue>>();
  if (!value) {
    fail("wrong-type", "fisher takes a distribution, such as Gamma(2, 1), not " + type_name(a.values[0]),
         a.spans[0]);
  }
  Graph graph;
  const Freed d = freed(**value, graph, a.spans[0]);
  const Distribution& distribution = *(*value)->distribution;
  if (d.parameters.empty()) {
    fail("no-fisher-information",
         std::string((*value)->distribution->name) + " has no parameter that can move", a.spans[0]);
  }
  const bool is_closed = distribution.exponential_family != nullptr || distribution.fisher;
  if (!is_closed && has_fisher_by_quadrature(distribution))
    return from_tensor(fisher_by_quadrature(**value, a.spans[0]));
  const Expr information = fisher_information(std::span(&d.term, 1), d.parameters, FisherStructure::full);
  return from_tensor(evaluate(substitute(information, d.values)));
}

}  // namespace

Function fisher_function() {
  return {
      .name = "fisher",
      .signature = "fisher(d)",
      .help =
          "Fisher information of a distribution in its parameters as they are given, a matrix, by quadrature "
          "where it has no closed form; of a batch, the sum — e.g. fisher(Normal(0, sd = 2)) is [[0.25, 0], "
          "[0, 0.5]]",
      .category = "distributions",
      .call = fisher};
}

}  // namespace elbo::inference
