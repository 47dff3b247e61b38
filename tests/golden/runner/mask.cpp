// Finds the printed fields that have an expectation, checks them, and hides them from the comparison.
#include <charconv>
#include <cmath>
#include <sstream>

#include "tests/golden/runner/script.hpp"

namespace elbo::golden {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The fields of a line printed with these pieces; nothing when the line was not. Every piece is found at its
/// first place after the one before; the last must end the line.
std::optional<std::vector<std::string>> match(const std::vector<std::string>& pieces,
                                              const std::string& line) {
  if (line.rfind(pieces.front(), 0) != 0) return {};
  std::vector<std::string> fields;
  std::size_t begin = pieces.front().size();
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    if (last && line.size() < begin + pieces[i].size()) return {};
    const std::size_t end = last ? line.size() - pieces[i].size() : line.find(pieces[i], begin);
    if (end == std::string::npos || line.compare(end, pieces[i].size(), pieces[i]) != 0) return {};
    fields.push_back(line.substr(begin, end - begin));
    begin = end + pieces[i].size();
  }
  return fields;
}

bool within(const std::string& field, const Expectation& expectation) {
  const auto first = field.find_first_not_of(' ');
  if (first == std::string::npos) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(field.data() + first, field.data() + field.size(), value);
  const bool whole =
      field.find_first_not_of(' ', static_cast<std::size_t>(end - field.data())) == std::string::npos;
  return error == std::errc() && whole && std::abs(value - expectation.value) <= expectation.tolerance;
}

std::string show(const Expectation& expectation) {
  std::ostringstream out;
  out << expectation.value << " +- " << expectation.tolerance;
  return out.str();
}

/// The line with its expected fields hidden.
std::string mask_line(const ExpectedPrint& print, const Expectations& row,
                      const std::vector<std::string>& fields, std::vector<std::string>& failures) {
  std::string masked = print.pieces.front();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool expected = i < row.size();
    if (expected && row[i] && !within(fields[i], *row[i])) {
      failures.push_back("line " + std::to_string(print.line) + ": printed " + fields[i] + ", expected " +
                         show(*row[i]));
    }
    masked += (expected ? "<~>" : fields[i]) + print.pieces[i + 1];
  }
  return masked;
}

}  // namespace

std::string mask(const Script& script, const std::string& output, std::vector<std::string>& failures) {
  std::vector<std::string> lines = lines_of(output);
  std::size_t next = 0;
  for (const ExpectedPrint& print : script.prints) {
    for (const Expectations& row : print.rows) {
      std::optional<std::vector<std::string>> fields;
      while (next < lines.size() && !(fields = match(print.pieces, lines[next]))) ++next;
      if (!fields) {
        failures.push_back("line " + std::to_string(print.line) +
                           ": nothing was printed for its expectation");
        break;
      }
      lines[next] = mask_line(print, row, *fields, failures);
      ++next;
    }
  }
  std::string masked;
  for (const std::string& line : lines) masked += line + "\n";
  if (!output.empty() && output.back() != '\n' && !masked.empty()) masked.pop_back();
  return masked;
}

}  // namespace elbo::golden
