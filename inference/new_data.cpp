// with_data(fit, x = …) and the functions that ask a fit about single rows, those that it was made from or
// others: encode, reconstruct; elbo(fit), its ELBO there.
#include "inference/encode.hpp"
#include "inference/fit_arguments.hpp"
#include "inference/studies.hpp"
#include "inference/with_data.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Draws behind means that have no closed form: their error is 3 % of a standard deviation.
constexpr std::int64_t mean_draws = 1000;

/// The fit of argument 0, on the data that named arguments give.
FitPtr fit_with_data(Interpreter& interpreter, const Arguments& a, const std::string& function) {
  const FitPtr fit = fit_argument(a, function);
  const std::vector<GivenOption> data = named_arguments(a);
  return data.empty() ? fit : with_data(interpreter, *fit, data, function, a.span);
}

Value with_data_function(Interpreter& interpreter, const Arguments& a) {
  return Value(ObjectPtr(
      with_data(interpreter, *fit_argument(a, "with_data"), named_arguments(a), "with_data", a.span)));
}

Value encode_function(Interpreter& interpreter, const Arguments& a) {
  const LatentDraws draws{count_argument(a, 1, "encode", "draws", mean_draws),
                          seed_argument(interpreter, a, 2), false};
  return make_record(encode(interpreter, *fit_with_data(interpreter, a, "encode"), draws, a.span));
}

Value reconstruct_function(Interpreter& interpreter, const Arguments& a) {
  const std::string at = a.given[1] ? string_argument(a, 1, "at") : "draws";
  if (at != "draws" && at != "mean") {
    fail("bad-argument", "reconstruct needs `at` to be \"draws\" or \"mean\", not \"" + at + "\"",
         a.spans[1]);
  }
  const bool at_mean = at == "mean";
  const LatentDraws draws{count_argument(a, 2, "reconstruct", "draws", at_mean ? mean_draws : 1),
                          seed_argument(interpreter, a, 3), at_mean};
  return make_record(reconstruct(interpreter, *fit_with_data(interpreter, a, "reconstruct"), draws, a.span));
}

Value elbo_function(Interpreter& interpreter, const Arguments& a) {
  const FitPtr fit = fit_argument(a, "elbo");
  if (!fit->problem().guide) {
    fail("no-elbo", "a fit without a guide has no ELBO", a.spans[0],
         "its `.loss` is minus the log likelihood");
  }
  const std::int64_t n = count_argument(a, 1, "elbo", "draws", 1000, 2);
  const auto [value, error] = fit->posterior().elbo(n, seed_argument(interpreter, a, 2));
  return make_record({{"value", Value(value)}, {"se", Value(error)}});
}

}  // namespace

std::vector<Function> new_data_functions() {
  return {
      {.name = "with_data",
       .signature = "with_data(fit, **)",
       .help = "the same fit on other data: model and guide with the named arguments replaced, parameters as "
               "they "
               "were fitted — e.g. with_data(fit, x = x_test).mean.z",
       .category = "inference",
       .call = with_data_function},
      {.name = "encode",
       .signature = "encode(fit, *, draws = 1000, seed = none, **)",
       .help = "means under the guide of the latent variables with one entry per row, as a record of tensors "
               "[rows, "
               "shape…]; of the data of the fit, or of those named; draws are taken where a mean has no "
               "closed form "
               "— e.g. encode(fit, x = x_test).z",
       .category = "inference",
       .call = encode_function},
      {.name = "reconstruct",
       .signature = "reconstruct(fit, *, at = \"draws\", draws = 1, seed = none, **)",
       .help = "the mean of each observed variable given latent variables drawn from the guide, or with at = "
               "\"mean\" at their means, as a record of tensors in the shape of the data; of the data of the "
               "fit, or "
               "of those named — e.g. reconstruct(fit, x = x_test, at = \"mean\").x",
       .category = "inference",
       .call = reconstruct_function},
      {.name = "elbo",
       .signature = "elbo(fit, *, draws = 1000, seed = none)",
       .help = "the ELBO of a fit, estimated from draws of its guide: a record of its `value` and the "
               "standard error "
               "`se` — e.g. elbo(with_data(fit, x = x_test), draws = 100).value",
       .category = "inference",
       .call = elbo_function}};
}

}  // namespace elbo::inference
