// Values as the prompt shows them.
#include "cli/repl/display.hpp"

#include <algorithm>
#include <vector>

#include "cli/repl/matrix.hpp"
#include "inference/fit.hpp"
#include "runtime/library.hpp"

namespace elbo::cli {

using namespace runtime;

namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// A text in the quotes and escapes in which a script would hold it.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string nested(const Value& value) {
  if (const auto* text = value.as<std::string>()) return quoted(*text);
  return show(value);
}

/// Breaks a long line after commas; further lines begin with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string result, line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t comma = text.find(", ", at);
    const std::size_t end = comma == std::string::npos ? text.size() : comma + 2;
    const std::string piece = text.substr(at, end - at);
    // The blank after a comma may hang over the edge.
    if (columns(line) > indent && columns(line) + columns(piece) > width + 1) {
      while (!line.empty() && line.back() == ' ') line.pop_back();
      result += line + "\n";
      line = std::string(indent, ' ');
    }
    line += piece;
    at = end;
  }
  return result + line + "\n";
}

/// A record too long for a line: a field on each.
std::string fields_on_lines(const Record& record, std::size_t width) {
  std::size_t widest = 0;
  for (const auto& field : record) widest = std::max(widest, columns(field.first));
  std::string result = "{\n";
  for (const auto& [name, value] : record) {
    const std::string begin = "  " + name + ": " + std::string(widest - columns(name), ' ');
    result += wrapped(begin + nested(value), width, columns(begin) + 1);
  }
  return result + "}\n";
}

std::string arguments_of(const ModelCall& call) {
  std::string text;
  const auto& parameters = call.closure->callable->parameters;
  for (std::size_t i = 0; i < call.arguments.size() && i < parameters.size(); ++i) {
    const Value& argument = call.arguments[i];
    const bool is_short = !argument.is<Tensor>() && show(argument).size() <= 20;
    text += (i == 0 ? "" : ", ") + parameters[i].name.name + " = " +
            (is_short ? nested(argument) : type_name(argument));
  }
  return text;
}

struct Display {
  std::size_t width;

  std::string operator()(const None&) const { return {}; }
  std::string operator()(const std::string& text) const { return quoted(text) + "\n"; }
  std::string operator()(const Tensor& tensor) const {
    return tensor.rank() < 2 ? wrapped(show(Value(tensor)), width, 1) : display_matrix(tensor, width);
  }
  std::string operator()(const std::shared_ptr<const List>& list) const {
    return wrapped(show(Value(list)), width, 1);
  }
  std::string operator()(const std::shared_ptr<const Record>& record) const {
    const std::string text = show(Value(record));
    return columns(text) <= width ? text + "\n" : fields_on_lines(*record, width);
  }
  /// As it was written; the text of a function is what it means.
  std::string operator()(const std::shared_ptr<const Closure>& closure) const {
    if (!closure->span) return show(Value(closure)) + "\n";
    return std::string(closure->span.text()) + "\n";
  }
  std::string operator()(const Function* function) const {
    return function->signature + "\n  " + function->help.substr(0, function->help.find(" — ")) + "\n";
  }
  std::string operator()(const std::shared_ptr<const ModelCall>& call) const {
    return wrapped(type_name(Value(call)) + " " + call->closure->name + "(" + arguments_of(*call) + ")",
                   width, 2);
  }
  std::string operator()(const ObjectPtr& object) const {
    if (object->type_name() == "plot") return {};
    if (const auto* fit = dynamic_cast<const inference::Fit*>(object.get()))
      return inference::summarise(*fit);
    return object->show() + "\n";
  }
  template <class Other>
  std::string operator()(const Other& other) const {
    return show(Value(other)) + "\n";
  }
};

std::string record_type(const Record& record) {
  std::string text = "record {";
  for (const auto& [name, value] : record) {
    if (text.back() != '{') text += ", ";
    text += name + ": " + describe_type(value);
  }
  return text + "}";
}

}  // namespace

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::string display(const Value& value, std::size_t width) {
  return std::visit(Display{width}, value.variant());
}

std::string describe_type(const Value& value) {
  if (const auto* record = value.as<std::shared_ptr<const Record>>()) return record_type(**record);
  if (const auto* list = value.as<std::shared_ptr<const List>>()) {
    const std::size_t size = (*list)->size();
    return "list of " + std::to_string(size) + (size == 1 ? " value" : " values");
  }
  if (value.is<std::shared_ptr<const Closure>>() || value.is<const Function*>()) return show(value);
  return type_name(value);
}

std::string brief(const Value& value, std::size_t width) {
  const auto* object = value.as<ObjectPtr>();
  std::string text = value.is<std::shared_ptr<const ModelCall>>() ? display(value, 1000)
                     : object != nullptr                          ? (*object)->show()
                                                                  : nested(value);
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (columns(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t taken = 0; taken + 1 < width; ++taken) {
    do ++end;
    while (end < text.size() && continues_character(text[end]));
  }
  return text.substr(0, end) + "…";
}

}  // namespace elbo::cli
