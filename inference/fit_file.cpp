// What a run leaves as named arrays, and back; the one file of this folder that knows JSON.
#include "inference/fit_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "inference/enumeration.hpp"
#include "inference/guides.hpp"
#include "inference/hash.hpp"
#include "runtime/library.hpp"

namespace elbo::inference {

using namespace runtime;
using Json = nlohmann::ordered_json;

namespace {

// Raised when older programs could not read what is written.
constexpr std::int64_t format_version = 1;
constexpr const char* format_name = "elbo fit";

// How a run ended, and the numbers that it computed with, by their places in the enumerations.
constexpr std::array endings{"completed", "converged", "out_of_time", "interrupted", "bad_numbers"};
constexpr std::array precisions{"float64", "float32"};
static_assert(static_cast<int>(Precision::real64) == 0 && static_cast<int>(Precision::real32) == 1);

/// A hash in hexadecimal digits.
std::string digest(std::string_view text) {
  std::uint64_t hash = hash_of(text);
  std::string digits(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
  return digits;
}

Json parameter_list(const std::vector<StoredParameter>& parameters) {
  Json list = Json::array();
  for (const StoredParameter& p : parameters) {
    list.push_back({{"name", p.name},
                    {"of", p.is_guide ? "guide" : "model"},
                    {"shape", p.shape},
                    {"constraint", p.constraint},
                    {"via", p.via}});
  }
  return list;
}

Json account_text(const GradientAccount& account) {
  Json parts = Json::array();
  for (const GradientAccount::Part& part : account.parts)
    parts.push_back({{"variable", part.variable}, {"how", part.how}});
  return {{"objective", account.objective},
          {"estimator", account.estimator},
          {"preconditioner", account.preconditioner},
          {"parts", parts}};
}

GradientAccount read_account(const Json& json) {
  GradientAccount account{json.at("objective"), json.at("estimator"), json.at("preconditioner"), {}};
  for (const Json& part : json.at("parts")) account.parts.push_back({part.at("variable"), part.at("how")});
  return account;
}

std::string metadata(const StoredFit& fit) {
  const Fit::Result& run = fit.result;
  const Json parameters = parameter_list(fit.parameters);
  const Json json{{"format", format_name},
                  {"version", format_version},
                  {"model", fit.model},
                  {"guide", fit.guide},
                  {"ready_made", fit.ready_made},
                  {"guide_sizes", fit.guide_sizes},
                  {"summed_out", fit.summed_out},
                  {"method", run.method},
                  {"optimizer", run.optimizer},
                  {"steps", run.steps},
                  {"seed", run.seed},
                  {"seconds", run.seconds},
                  {"seconds_per_step", run.seconds_per_step},
                  {"status", endings.at(static_cast<std::size_t>(run.termination))},
                  {"batch", run.batch},
                  {"rows", run.rows},
                  {"precision", precisions.at(static_cast<std::size_t>(run.precision))},
                  {"starts_elsewhere", run.starts_elsewhere},
                  {"has_trace", run.history.has_trace},
                  {"account", account_text(run.account)},
                  {"parameters", parameters},
                  {"fingerprint", digest(parameters.dump())}};
  return json.dump(1);
}

/// The place of a word in a list of them; throws what a missing key throws.
template <std::size_t N>
std::size_t place_of(const std::array<const char*, N>& words, const std::string& word) {
  const auto at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) throw std::out_of_range("`" + word + "`");
  return static_cast<std::size_t>(at - words.begin());
}

void read_metadata(const Json& json, StoredFit& fit) {
  Fit::Result& run = fit.result;
  json.at("model").get_to(fit.model);
  json.at("guide").get_to(fit.guide);
  json.at("ready_made").get_to(fit.ready_made);
  json.at("guide_sizes").get_to(fit.guide_sizes);
  json.at("summed_out").get_to(fit.summed_out);
  json.at("method").get_to(run.method);
  json.at("optimizer").get_to(run.optimizer);
  json.at("steps").get_to(run.steps);
  json.at("seed").get_to(run.seed);
  json.at("seconds").get_to(run.seconds);
  json.at("seconds_per_step").get_to(run.seconds_per_step);
  run.termination = static_cast<Termination>(place_of(endings, json.at("status")));
  json.at("batch").get_to(run.batch);
  json.at("rows").get_to(run.rows);
  run.precision = static_cast<Precision>(place_of(precisions, json.at("precision")));
  json.at("starts_elsewhere").get_to(run.starts_elsewhere);
  json.at("has_trace").get_to(run.history.has_trace);
  run.account = read_account(json.at("account"));
  for (const Json& p : json.at("parameters")) {
    fit.parameters.push_back({p.at("name"),
                              p.at("of") == "guide",
                              p.at("shape").get<Shape>(),
                              p.at("constraint"),
                              p.at("via"),
                              {}});
  }
}

const Tensor* find_array(const NamedTensors& arrays, const std::string& name) {
  for (const auto& [own, tensor] : arrays)
    if (own == name) return &tensor;
  return nullptr;
}

const Tensor& array(const NamedTensors& arrays, const std::string& name, const FileContext& file) {
  const Tensor* found = find_array(arrays, name);
  if (found == nullptr) damaged(file, "it has no array `" + name + "`");
  if (found->storage() != Storage::real) damaged(file, "its array `" + name + "` does not hold doubles");
  return *found;
}

std::vector<Series> series_called(const NamedTensors& arrays, const std::string& prefix,
                                  const FileContext& file) {
  std::vector<Series> result;
  for (const auto& [name, ignored] : arrays) {
    if (!name.starts_with(prefix)) continue;
    const Tensor& values = array(arrays, name, file);
    if (values.rank() == 0) damaged(file, "its array `" + name + "` has no steps");
    const std::int64_t steps = values.shape()[0];
    Series series(name.substr(prefix.size()), Shape(values.shape().begin() + 1, values.shape().end()), steps);
    const auto each = static_cast<std::size_t>(steps == 0 ? 0 : values.size() / steps);
    for (std::int64_t t = 0; t < steps; ++t)
      series.append(values.values<double>().subspan(static_cast<std::size_t>(t) * each, each));
    result.push_back(std::move(series));
  }
  return result;
}

void add_series(const std::vector<Series>& list, const std::string& prefix, NamedTensors& arrays) {
  for (const Series& series : list) arrays.emplace_back(prefix + series.name(), series.tensor());
}

Json parsed_metadata(const NamedTensors& arrays, const FileContext& file) {
  const Tensor* bytes = find_array(arrays, "metadata");
  Json json;
  if (bytes != nullptr && bytes->storage() == Storage::byte) {
    const auto text = bytes->values<std::uint8_t>();
    json = Json::parse(text.begin(), text.end(), nullptr, false);
  }
  if (!json.is_object() || json.value("format", "") != format_name)
    fail("file-format", file.path + " holds no fit", file.span, "save(fit, \"fit.npz\") writes one");
  const auto version = json.value("version", std::int64_t{0});
  if (version != format_version) {
    fail("file-format",
         file.path + " was written by another version of elbo (its format is " + std::to_string(version) +
             ", this version reads " + std::to_string(format_version) + ")",
         file.span);
  }
  return json;
}

bool is_close(const Tensor& a, const Tensor& b) {
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const double x = a.real(i), y = b.real(i);
    // with other kernels or another compiler the last digits differ
    if (!(std::abs(x - y) <= 1e-9 * (1 + std::abs(y)) || (std::isnan(x) && std::isnan(y)) || x == y))
      return false;
  }
  return true;
}

std::string describe(const Shape& shape) {
  return shape.empty() ? "is a single number" : "has the shape " + show(shape);
}

[[noreturn]] void mismatch(const std::string& message, const lang::Span& here, const FileContext& file,
                           const std::string& hint = {}) {
  lang::Diagnostic d;
  d.code = "fit-mismatch";
  d.message = message;
  d.span = file.span;
  if (here) d.related = {{here, "the parameter"}};
  d.hint = hint;
  throw lang::Failure(std::move(d));
}

}  // namespace

StoredFit describe_fit(const Problem& problem, const ParameterVector& layout, Fit::Result result) {
  StoredFit fit;
  fit.model = problem.model->name;
  if (problem.guide) fit.guide = problem.guide->name;
  if (problem.ready_made) {
    fit.ready_made = problem.ready_made->family();
    fit.guide_sizes = problem.ready_made->sizes();
  }
  if (problem.summed_out) fit.summed_out = problem.summed_out->names;
  const Record values = parameter_values(layout, result.parameters);
  for (const auto& entry : layout.entries()) {
    const PointParameter& p = *entry.parameter;
    fit.parameters.push_back({p.name, entry.is_guide, p.initial.shape(), std::string(p.support.kind->name),
                              p.via, to_tensor(*find_field(values, p.name)).stored_as(Storage::real),
                              entry.first, entry.size});
  }
  fit.result = std::move(result);
  return fit;
}

NamedTensors to_arrays(const StoredFit& fit) {
  const std::string text = metadata(fit);
  NamedTensors arrays;
  arrays.emplace_back("metadata", Tensor({static_cast<std::int64_t>(text.size())},
                                         std::vector<std::uint8_t>(text.begin(), text.end())));
  for (const StoredParameter& p : fit.parameters) arrays.emplace_back("params." + p.name, p.value);
  for (const StoredParameter& p : fit.parameters) {
    const auto begin = fit.result.parameters.begin() + static_cast<std::ptrdiff_t>(p.first);
    arrays.emplace_back("unconstrained." + p.name,
                        Tensor({static_cast<std::int64_t>(p.size)},
                               std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(p.size))));
  }
  const History& history = fit.result.history;
  arrays.emplace_back("elbo", Tensor({static_cast<std::int64_t>(history.elbo.size())}, history.elbo));
  add_series(history.trace, "trace.", arrays);
  add_series(history.gradients, "gradients.", arrays);
  return arrays;
}

StoredFit from_arrays(const NamedTensors& arrays, const FileContext& file) {
  StoredFit fit;
  try {
    const Json json = parsed_metadata(arrays, file);
    read_metadata(json, fit);
    if (json.at("fingerprint") != digest(parameter_list(fit.parameters).dump()))
      damaged(file, "its list of parameters is not the one that was written");
  } catch (const Json::exception&) {
    damaged(file, "its metadata lack something, or hold what they cannot");
  } catch (const std::out_of_range&) {
    damaged(file, "its metadata hold what they cannot");
  }
  for (StoredParameter& p : fit.parameters) {
    p.value = array(arrays, "params." + p.name, file);
    if (p.value.shape() != p.shape) damaged(file, "its array `params." + p.name + "` has another shape");
    const Tensor& numbers = array(arrays, "unconstrained." + p.name, file);
    p.first = fit.result.parameters.size();
    p.size = static_cast<std::size_t>(numbers.size());
    const std::vector<double> values = numbers.reals();
    fit.result.parameters.insert(fit.result.parameters.end(), values.begin(), values.end());
  }
  History& history = fit.result.history;
  history.elbo = array(arrays, "elbo", file).reals();
  history.trace = series_called(arrays, "trace.", file);
  history.gradients = series_called(arrays, "gradients.", file);
  return fit;
}

std::vector<double> parameters_for(const StoredFit& fit, const ParameterVector& layout,
                                   const FileContext& file) {
  std::vector<double> result(layout.size());
  for (const auto& entry : layout.entries()) {
    const PointParameter& p = *entry.parameter;
    const auto own = std::find_if(fit.parameters.begin(), fit.parameters.end(),
                                  [&](const StoredParameter& s) { return s.name == p.name; });
    const std::string whose = entry.is_guide ? "guide" : "model";
    const std::string what = "the parameter `" + p.name + "` of the " + whose;
    if (own == fit.parameters.end()) {
      mismatch(file.path + " is a fit of another model: it has no parameter `" + p.name + "`, which the " +
                   whose + " has here",
               p.span, file);
    }
    if (own->shape != p.initial.shape()) {
      mismatch(file.path + " is a fit of another model, or of other data: " + what + " " +
                   describe(own->shape) + " there, but " + describe(p.initial.shape()) + " here",
               p.span, file);
    }
    const std::string constraint(p.support.kind->name);
    if (own->constraint != constraint || own->size != entry.size) {
      mismatch(file.path + " is a fit of another model: " + what + " is `" + own->constraint +
                   "` there, but `" + constraint + "` here",
               p.span, file);
    }
    if (own->via != p.via) {
      mismatch(file.path + " is a fit of another model: " + what + " is kept via " + own->via +
                   " there, but via " + p.via + " here",
               p.span, file);
    }
    std::copy_n(fit.result.parameters.begin() + static_cast<std::ptrdiff_t>(own->first), own->size,
                result.begin() + static_cast<std::ptrdiff_t>(entry.first));
  }
  for (const StoredParameter& p : fit.parameters) {
    const bool known = std::any_of(layout.entries().begin(), layout.entries().end(),
                                   [&](const auto& e) { return e.parameter->name == p.name; });
    if (known) continue;
    mismatch(file.path + " is a fit of another model: it has a parameter `" + p.name +
                 "`, which neither the model nor the guide has here",
             {}, file);
  }
  // Bounds of constraints show in the values that they give.
  const Record values = parameter_values(layout, result);
  for (const StoredParameter& p : fit.parameters) {
    if (is_close(to_tensor(*find_field(values, p.name)), p.value)) continue;
    mismatch(file.path + " is a fit of another model: the constraint of the parameter `" + p.name +
                 "` has other bounds there",
             {}, file);
  }
  return result;
}

}  // namespace elbo::inference
