// Rows of a comparison as values, text and curves.
#include "inference/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

#include "inference/summary.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Points of a curve that is shown: evenly spread over the logarithm of the steps, more than a picture tells
// apart.
constexpr double shown_points = 400;

Value or_none(const std::optional<double>& number) { return number ? Value(*number) : Value(); }

std::string cell(const std::optional<double>& number, int digits = 4) {
  return number ? significant(*number, digits) : "-";
}

// With two digits of the error: -185.9442 ± 0.0031, so that differences beyond it can be seen.
std::string with_error(double value, double error) {
  if (!(error > 0) || !std::isfinite(value)) return significant(value, 7);
  const int digits = std::clamp(2 - static_cast<int>(std::ceil(std::log10(error))), 0, 6);
  return fixed(value, digits) + " ± " + fixed(error, digits);
}

}  // namespace

std::vector<double> smoothed(const std::vector<double>& values) {
  std::vector<double> total(values.size() + 1);  // sums of the first entries
  for (std::size_t i = 0; i < values.size(); ++i) total[i + 1] = total[i] + values[i];
  std::vector<double> result(values.size());
  for (std::size_t t = 1; t <= values.size(); ++t) {
    const std::size_t window = (t + 4) / 5;
    result[t - 1] = (total[t] - total[t - window]) / static_cast<double>(window);
  }
  return result;
}

Comparison::Comparison(Facts facts, std::vector<ComparisonRow> rows)
    : facts_(std::move(facts)), rows_(std::move(rows)) {
  for (const ComparisonRow& row : rows_) {
    if (row.elbo && std::isfinite(*row.elbo)) best_ = std::max(best_.value_or(*row.elbo), *row.elbo);
  }
  // The end counts by its own draws, which are many: a curve may touch the line by luck, or miss it.
  for (ComparisonRow& row : rows_) {
    const auto is_close = [&](double v) { return v >= *best_ - close_enough; };
    if (row.curve.empty() || !best_ || !row.elbo || !is_close(*row.elbo)) continue;
    const auto arrived = std::find_if(row.curve.begin(), row.curve.end(), is_close);
    row.to_best = arrived == row.curve.end()
                      ? row.curve_seconds.back()
                      : row.curve_seconds[static_cast<std::size_t>(arrived - row.curve.begin())];
  }
}

// ---- as text ----------------------------------------------------------------------------------------------

std::string Comparison::show() const {
  const auto any = [&](auto has) { return std::any_of(rows_.begin(), rows_.end(), has); };
  const bool several = facts_.seeds > 1;
  const bool reference = any([](const ComparisonRow& r) { return r.mean_error.has_value(); });
  std::string head = facts_.model + ": " + facts_.budget + " per run, ";
  head += several ? "seeds " + std::to_string(facts_.seed) + " to " +
                        std::to_string(facts_.seed + static_cast<std::uint64_t>(facts_.seeds) - 1)
                  : "seed " + std::to_string(facts_.seed);
  if (facts_.draws > 0)
    head += "; final " + facts_.objective + " by " + std::to_string(facts_.draws) + " draws";

  Table table{{"method"}, {}};
  table.heading.push_back("final " + facts_.objective);
  if (several) table.heading.emplace_back("between seeds");
  for (const char* title : {"gradient variance", "per step", "to best - 0.1"})
    table.heading.emplace_back(title);
  if (reference) table.heading.insert(table.heading.end(), {"mean error", "sd error"});
  std::vector<std::string> notes;
  for (const ComparisonRow& row : rows_) {
    std::vector<std::string> remarks = row.notes;
    if (!row.why_not.empty()) remarks.insert(remarks.begin(), row.why_not);
    std::string name = row.label;
    for (const std::string& remark : remarks) {
      auto at = std::find(notes.begin(), notes.end(), remark);  // what several rows share is said once
      if (at == notes.end()) at = notes.insert(at, remark);
      name += " [" + std::to_string(at - notes.begin() + 1) + "]";
    }
    std::vector<std::string> cells{name};
    cells.push_back(row.elbo ? with_error(*row.elbo, row.elbo_error.value_or(0)) : "-");
    if (several) cells.push_back(cell(row.spread, 2));
    cells.push_back(cell(row.variance));
    cells.push_back(row.fits.empty() ? "-" : time_text(row.seconds_per_step));
    cells.push_back(row.to_best ? time_text(*row.to_best) : "-");
    if (reference) {
      cells.push_back(cell(row.mean_error, 3));
      cells.push_back(cell(row.sd_error, 3));
    }
    table.rows.push_back(std::move(cells));
  }
  std::string result = head + "\n\n" + text(table);
  if (!notes.empty()) result += "\n";
  for (std::size_t i = 0; i < notes.size(); ++i)
    result += "[" + std::to_string(i + 1) + "] " + notes[i] + "\n";
  result.pop_back();  // print ends the line
  return result;
}

// ---- as values --------------------------------------------------------------------------------------------

std::optional<Value> Comparison::field(const std::string& name) const {
  if (name == "best") {
    for (const ComparisonRow& row : rows_) {
      if (row.elbo && row.elbo == best_) return Value(row.label);
    }
    return Value();
  }
  List list;
  if (name == "table") {
    for (const ComparisonRow& row : rows_) {
      list.push_back(
          make_record({{"method", Value(row.label)},
                       {"elbo", or_none(row.elbo)},
                       {"elbo_error", or_none(row.elbo_error)},
                       {"elbo_sd", or_none(row.spread)},
                       {"variance", or_none(row.variance)},
                       {"steps", Value(row.steps)},
                       {"seconds_per_step", row.fits.empty() ? Value() : Value(row.seconds_per_step)},
                       {"seconds", row.fits.empty() ? Value() : Value(row.seconds)},
                       {"to_best", or_none(row.to_best)},
                       {"mean_error", or_none(row.mean_error)},
                       {"sd_error", or_none(row.sd_error)},
                       {"why_not", row.why_not.empty() ? Value() : Value(row.why_not)}}));
    }
    return make_list(std::move(list));
  }
  if (name == "fits") {
    for (const ComparisonRow& row : rows_) {
      List fits;
      for (const FitPtr& fit : row.fits) fits.push_back(Value(ObjectPtr(fit)));
      list.push_back(make_list(std::move(fits)));
    }
    return make_list(std::move(list));
  }
  if (name != "curves") return std::nullopt;
  for (Curve& curve : thinned()) {
    const auto n = static_cast<std::int64_t>(curve.x.size());
    list.push_back(make_record({{"label", Value(curve.label)},
                                {"seconds", Value(Tensor({n}, std::move(curve.x)))},
                                {"elbo", Value(Tensor({n}, std::move(curve.y)))}}));
  }
  return make_list(std::move(list));
}

// ---- as curves --------------------------------------------------------------------------------------------

// One per row that ran.
std::vector<Curve> Comparison::thinned() const {
  std::vector<Curve> result;
  for (const ComparisonRow& row : rows_) {
    if (row.curve.empty()) continue;
    Curve curve{row.label, {}, {}};
    const std::size_t count = row.curve.size();
    std::size_t last = 0;
    for (double k = 0; k <= shown_points; ++k) {
      const double position = std::pow(static_cast<double>(count), k / shown_points);
      const std::size_t t = std::min(count, static_cast<std::size_t>(std::lround(position)));
      if (t == last) continue;
      last = t;
      curve.x.push_back(row.curve_seconds[t - 1]);
      curve.y.push_back(row.curve[t - 1]);
    }
    result.push_back(std::move(curve));
  }
  return result;
}

std::optional<Curves> Comparison::curves() const {
  Curves result{thinned(), "seconds", facts_.objective, true};
  double lowest = best_.value_or(0), highest = lowest;
  for (const Curve& curve : result.curves) {
    lowest = std::min(lowest, curve.y.back());
    highest = std::max(highest, curve.y.back());
  }
  const double floor = lowest - std::max(2.0, 0.5 * (highest - lowest));
  for (Curve& curve : result.curves) {
    for (double& y : curve.y) {
      if (y < floor) y = std::nan("");
    }
  }
  return result;
}

Value Comparison::draw(Interpreter& interpreter, const std::string& file) const {
  const Function* plot = interpreter.library().function("plot");
  if (plot == nullptr) throw lang::InternalError("the library has no function `plot`");
  Record named;
  if (!file.empty()) named.emplace_back("file", Value(file));
  return interpreter.call(Value(plot), {Value(ObjectPtr(shared_from_this()))}, facts_.span, named);
}

bool Comparison::present(Interpreter& interpreter) const {
  interpreter.out() << show() << "\n";
  const Value plot = draw(interpreter, "");
  if (const ObjectPtr* object = plot.as<ObjectPtr>()) (*object)->present(interpreter);
  return true;
}

}  // namespace elbo::inference
