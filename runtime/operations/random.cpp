// Random numbers as operations: element i of a draw depends on the seed, the stream in the attributes, the
// repetition and i alone. A seed of its own may be in the attributes' text; it then holds in place of the
// run's. Gamma draws move with their shape by the implicit derivative, as if its distribution function at the
// draw stayed; counts are constants to reverse mode.
#include <algorithm>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

// attributes: {stream, number of axes, axes…, event dimensions…}
TypeResult random_type(const TypeContext& context) {
  const auto& list = context.attributes->integers;
  const auto first = list.begin() + 2, middle = first + list[1];
  Type type;
  type.axes.assign(first, middle);
  type.event.assign(middle, list.end());
  for (const Type& parameter : context.inputs) {
    Shape joined;
    if (!broadcast(parameter.event, type.event, joined) || joined != type.event) {
      return {{},
              "a parameter of shape " + show(parameter.event) + " does not fit draws of shape " +
                  show(type.event)};
    }
    // substitution may bring axes that were not there when the draw was written
    type.axes.insert(type.axes.end(), parameter.axes.begin(), parameter.axes.end());
  }
  std::sort(type.axes.begin(), type.axes.end());
  type.axes.erase(std::unique(type.axes.begin(), type.axes.end()), type.axes.end());
  return {std::move(type), {}};
}

TypeResult random_count_type(const TypeContext& context) {
  TypeResult result = random_type(context);
  result.type.domain = Domain::integer;
  return result;
}

}  // namespace

const Operation random_uniform_operation{.name = "random_uniform",
                                         .symbol = {},
                                         .signature = {},
                                         .help = "draws between 0 and 1",
                                         .arity = 0,
                                         .infer = random_type,
                                         .random = &KernelTable::random_uniform};
const Operation random_normal_operation{.name = "random_normal",
                                        .symbol = {},
                                        .signature = {},
                                        .help = "standard normal draws",
                                        .arity = 0,
                                        .infer = random_type,
                                        .random = &KernelTable::random_normal};
const Operation random_gamma_operation{
    .name = "random_gamma",
    .symbol = {},
    .signature = {},
    .help = "gamma draws of this shape and rate 1",
    .arity = 1,
    .infer = random_type,
    .random = &KernelTable::random_gamma,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      return {ct * gamma_pathwise(in[0], out)};
    }};
const Operation random_log_gamma_operation{
    .name = "random_log_gamma",
    .symbol = {},
    .signature = {},
    .help = "logs of gamma draws of this shape and rate 1",
    .arity = 1,
    .infer = random_type,
    .random = &KernelTable::random_log_gamma,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      return {ct * log_gamma_pathwise(in[0], out)};
    }};
const Operation random_poisson_operation{.name = "random_poisson",
                                         .symbol = {},
                                         .signature = {},
                                         .help = "Poisson draws of this rate",
                                         .arity = 1,
                                         .infer = random_count_type,
                                         .random = &KernelTable::random_poisson};
const Operation random_binomial_operation{.name = "random_binomial",
                                          .symbol = {},
                                          .signature = {},
                                          .help = "binomial draws of these trials and probability",
                                          .arity = 2,
                                          .infer = random_count_type,
                                          .random = &KernelTable::random_binomial};
const Operation random_row_operation{.name = "random_row",
                                     .symbol = {},
                                     .signature = {},
                                     .help = "numbers of rows, drawn without replacement pass by pass",
                                     .arity = 3,
                                     .infer = random_count_type,
                                     .random = &KernelTable::random_row};

}  // namespace elbo::runtime
