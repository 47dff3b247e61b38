// Reads the directives of a golden script.
#include "tests/golden/runner/script.hpp"

#include <charconv>
#include <sstream>
#include <stdexcept>

namespace elbo::golden {
namespace {

[[noreturn]] void complain(std::size_t line, const std::string& what) {
  throw std::runtime_error("line " + std::to_string(line) + ": " + what);
}

std::string trim(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

double number(const std::string& text, std::size_t line) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    complain(line, "'" + text + "' is not a number");
  return value;
}

/// "0.89 +- 0.02, _, 3 +- 0.1"
Expectations parse_expectations(const std::string& text, std::size_t line) {
  Expectations result;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) {
    item = trim(item);
    if (item == "_") {
      result.emplace_back();
      continue;
    }
    const auto sign = item.find("+-");
    if (sign == std::string::npos) complain(line, "expect~ wants VALUE +- TOLERANCE, not '" + item + "'");
    const Expectation expectation{number(trim(item.substr(0, sign)), line),
                                  number(trim(item.substr(sign + 2)), line)};
    if (!(expectation.tolerance > 0)) complain(line, "the tolerance must be positive");
    result.emplace_back(expectation);
  }
  if (result.empty()) complain(line, "expect~ without a value");
  return result;
}

/// The text of the format string that follows `print(`, unescaped; nothing when there is none on this line.
std::optional<std::string> format_string(const std::string& line) {
  const auto call = line.find("print(\"");
  if (call == std::string::npos) return {};
  std::string text;
  for (std::size_t i = call + 7; i < line.size() && line[i] != '"'; ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) ++i;
    text += line[i];
  }
  return text;
}

/// "E = {:.3f}, {{}}" to {"E = ", ", {}"}.
std::vector<std::string> split_fields(const std::string& format) {
  std::vector<std::string> pieces{""};
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool doubled = i + 1 < format.size() && format[i] == format[i + 1];
    if (format[i] == '{' && !doubled) {
      i = format.find('}', i);
      if (i == std::string::npos) break;
      pieces.emplace_back();
    } else {
      if ((format[i] == '{' || format[i] == '}') && doubled) ++i;
      pieces.back() += format[i];
    }
  }
  return pieces;
}

std::optional<std::string> directive(const std::string& line, const std::string& name) {
  const auto at = line.find("# " + name);
  if (at == std::string::npos) return {};
  return trim(line.substr(at + 2 + name.size()));
}

}  // namespace

Script read_directives(const std::string& text) {
  Script script;
  std::optional<ExpectedPrint> current;  // the last print, whether expectations have come for it or not
  const auto finish = [&] {
    if (current && !current->rows.empty()) script.prints.push_back(*current);
    current.reset();
  };
  std::istringstream in(text);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (const auto format = format_string(line)) {
      finish();
      current = ExpectedPrint{number, split_fields(*format), {}};
    }
    if (const auto list = directive(line, "expect~")) {
      if (!current || current->pieces.size() < 2) complain(number, "expect~ must follow a print with fields");
      current->rows.push_back(parse_expectations(*list, number));
      if (current->rows.back().size() > current->pieces.size() - 1) {
        complain(number, "more expectations than fields in the print");
      }
    }
    if (const auto list = directive(line, "args:")) script.arguments = words(*list);
    if (const auto list = directive(line, "command:")) script.command = words(*list);
    if (const auto list = directive(line, "data:")) script.data = words(*list);
    if (const auto list = directive(line, "compiler:")) script.compiler = words(*list);
  }
  finish();
  return script;
}

}  // namespace elbo::golden
