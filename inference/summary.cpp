#include "inference/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lang/diagnostic.hpp"

namespace elbo::inference {
namespace {

/// Characters of a UTF-8 text: the bytes that do not continue another.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

void append(std::string& line, const std::string& cell, std::size_t column, std::size_t column_width) {
  const std::string padding(column_width - width(cell), ' ');
  if (column > 0) line += "  ";
  line += column == 0 ? cell + padding : padding + cell;
}

void append_line(std::string& result, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  result += line + "\n";
}

/// "[2, 1]" for the element at a flat row-major index; empty for a scalar.
std::string index_text(const runtime::Shape& shape, std::size_t flat) {
  std::string result;
  auto rest = static_cast<std::int64_t>(flat);
  for (std::size_t d = shape.size(); d-- > 0;) {
    const std::string index = std::to_string(rest % shape[d] + 1);
    result = result.empty() ? index : index + ", " + result;
    rest /= shape[d];
  }
  return result.empty() ? "" : "[" + result + "]";
}

void append_rows(Table& table, const PosteriorVariable& variable) {
  const std::int64_t count = runtime::element_count(variable.shape);
  // A line that says "1 more" would be no shorter than the element itself.
  const std::int64_t shown = count > most_shown_elements ? most_shown_elements - 1 : count;
  const auto given = static_cast<std::int64_t>(variable.elements.size());
  if (given < shown || given > count) {
    throw lang::InternalError("the summary of " + variable.name + " does not have one entry per element");
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(shown); ++i) {
    const PosteriorNumbers& x = variable.elements[i];
    const std::string name = variable.name + index_text(variable.shape, i);
    if (variable.is_point) {
      table.rows.push_back({name, significant(x.mean), "param"});
    } else {
      table.rows.push_back({name, significant(x.mean), significant(x.sd), significant(x.q05),
                            significant(x.median), significant(x.q95)});
    }
  }
  if (shown < count) table.rows.push_back({fmt::format("… {} more", count - shown)});
}

/// The lines above the table, each a name and a text.
std::vector<std::pair<std::string, std::string>> facts(const FitSummary& summary) {
  std::vector<std::pair<std::string, std::string>> result;
  const auto add = [&](std::string name, std::string value) {
    if (!value.empty()) result.emplace_back(std::move(name), std::move(value));
  };
  add("model", summary.model);
  add("guide", summary.guide);
  add("method", summary.method);
  add("optimizer", summary.optimizer);
  std::string steps = fmt::format("{} in {} s", summary.steps, significant(summary.seconds, 3));
  if (!summary.ended.empty()) steps += ", " + summary.ended;
  add("steps", std::move(steps));
  if (!std::isnan(summary.value)) {
    std::string value = significant(summary.value, 6);
    if (!std::isnan(summary.standard_error)) value += " ± " + significant(summary.standard_error, 2);
    add(summary.objective, std::move(value));
  }
  return result;
}

}  // namespace

std::string text(const Table& table) {
  std::vector<std::size_t> widths;
  const auto measure = [&](const std::vector<std::string>& row) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], width(row[j]));
  };
  measure(table.heading);
  for (const auto& row : table.rows) measure(row);
  std::string result;
  const auto write = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t j = 0; j < row.size(); ++j) append(line, row[j], j, widths[j]);
    append_line(result, std::move(line));
  };
  if (!table.heading.empty()) write(table.heading);
  for (const auto& row : table.rows) write(row);
  return result;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value == 0) return "0";
  const double size = std::abs(value);
  // Whole numbers rather than "1.235e+04"; what rounds up to one more digit before the point is one, too.
  if (size >= std::pow(10.0, digits - 1) - 0.05 && size < 1e7) return fmt::format("{:.0f}", value);
  return fmt::format("{:#.{}g}", value, digits);
}

std::string time_text(double seconds) {
  // what rounds up to 1000 of a unit is 1 of the next
  if (seconds < 0.9995e-3) return significant(seconds * 1e6, 3) + " µs";
  if (seconds < 0.9995) return significant(seconds * 1e3, 3) + " ms";
  return significant(seconds, 3) + " s";
}

std::string text(const FitSummary& summary) {
  std::string result;
  const auto lines = facts(summary);
  std::size_t widest = 0;
  for (const auto& [name, value] : lines) widest = std::max(widest, width(name));
  for (const auto& [name, value] : lines) {
    result += name + std::string(widest - width(name), ' ') + "  " + value + "\n";
  }
  if (!summary.variables.empty()) {
    Table table{{"", "mean", "sd", "5%", "50%", "95%"}, {}};
    for (const PosteriorVariable& variable : summary.variables) append_rows(table, variable);
    result += "\n" + text(table);
  }
  if (!summary.warnings.empty()) result += "\n";
  for (const std::string& warning : summary.warnings) result += "warning: " + warning + "\n";
  return result;
}

}  // namespace elbo::inference
