// Reference moments from a fit or a record, and distances from them.
#include "inference/reference.hpp"

#include <algorithm>
#include <cmath>

#include "inference/fit.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

[[noreturn]] void bad(const GivenOption& option, const std::string& what, const std::string& hint = {}) {
  fail("bad-option", "option `reference` " + what, option.span, hint);
}

const Record& numbers_of(const GivenOption& option, const Record& reference, const std::string& field) {
  const Value* value = find_field(reference, field);
  const auto* record = value ? value->as<std::shared_ptr<const Record>>() : nullptr;
  if (!record) bad(option, "has no record `" + field + "`", "reference = {mean: {mu: 0.5}, sd: {mu: 0.1}}");
  return **record;
}

Tensor number(const GivenOption& option, const std::string& name, const Value& value) {
  if (!is_numeric(value) || value.is<Symbol>())
    bad(option, "must give numbers, but `" + name + "` is " + with_article(value));
  return to_tensor(value);
}

void require_positive(const GivenOption& option, const Moments& moments) {
  for (std::int64_t i = 0; i < moments.sd.size(); ++i) {
    if (moments.sd.real(i) > 0 && std::isfinite(moments.sd.real(i)) && std::isfinite(moments.mean.real(i)))
      continue;
    bad(option, "needs finite means and standard deviations above 0, but `" + moments.name + "` has " +
                    show(Value(moments.mean.real(i))) + " ± " + show(Value(moments.sd.real(i))));
  }
}

}  // namespace

Reference read_reference(const GivenOption& option) {
  Reference result{{}, option.span};
  if (const ObjectPtr* object = option.value.as<ObjectPtr>()) {
    if (const auto fit = std::dynamic_pointer_cast<const Fit>(*object)) result.moments = fit->moments();
  } else if (const auto* record = option.value.as<std::shared_ptr<const Record>>()) {
    const Record& means = numbers_of(option, **record, "mean");
    const Record& sds = numbers_of(option, **record, "sd");
    for (const auto& [name, value] : means) {
      const Value* sd = find_field(sds, name);
      if (!sd) bad(option, "has a mean of `" + name + "`, but no sd");
      result.moments.push_back({name, number(option, name, value), number(option, name, *sd)});
      if (result.moments.back().mean.shape() != result.moments.back().sd.shape())
        bad(option, "has a mean and an sd of `" + name + "` with different shapes");
    }
  }
  if (result.moments.empty()) bad(option, "must be a fit or a record {mean: {…}, sd: {…}}");
  for (const Moments& moments : result.moments) require_positive(option, moments);
  return result;
}

void Reference::check(const ModelGraph& model) const {
  std::vector<std::pair<std::string, Shape>> known;
  for (const RandomVariable& v : model.variables) {
    if (!v.observed) known.emplace_back(v.name, v.value.type().event);
  }
  for (const DeterministicQuantity& q : model.quantities) known.emplace_back(q.name, q.value.type().event);
  for (const Moments& each : moments) {
    const auto at =
        std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.first == each.name; });
    if (at == known.end()) {
      std::vector<std::string> names;
      for (const auto& [name, shape] : known) names.push_back(name);
      fail(
          "unknown-variable",
          "`reference` gives `" + each.name + "`, but model `" + model.name + "` has no such latent variable",
          span, lang::did_you_mean(each.name, names));
    }
    if (at->second != each.mean.shape()) {
      fail("shape-mismatch",
           "`reference` gives `" + each.name + "` the shape " + show(each.mean.shape()) +
               ", but the variable has " + show(at->second),
           span);
    }
  }
}

void ReferenceErrors::add(const Reference& reference, const std::vector<Moments>& fitted) {
  for (const Moments& truth : reference.moments) {
    const auto own =
        std::find_if(fitted.begin(), fitted.end(), [&](const Moments& m) { return m.name == truth.name; });
    if (own == fitted.end()) throw lang::InternalError("the fit has no variable `" + truth.name + "`");
    for (std::int64_t i = 0; i < truth.mean.size(); ++i) {
      const double scale = truth.sd.real(i);
      mean_squares_ += std::pow((own->mean.real(i) - truth.mean.real(i)) / scale, 2);
      sd_squares_ += std::pow((own->sd.real(i) - scale) / scale, 2);
    }
    count_ += static_cast<double>(truth.mean.size());
  }
}

double ReferenceErrors::mean() const { return std::sqrt(mean_squares_ / count_); }

double ReferenceErrors::sd() const { return std::sqrt(sd_squares_ / count_); }

}  // namespace elbo::inference
