// What the TAB key offers: finds out where the cursor stands, and asks the list that belongs there.
#include "cli/repl/complete.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "cli/explain.hpp"
#include "cli/repl/commands.hpp"
#include "inference/run_options.hpp"

namespace elbo::cli {
namespace {

using runtime::Value;

constexpr std::array keywords{"and",   "dist", "else",   "factor", "false",   "fn",   "for",
                              "guide", "if",   "import", "in",     "missing", "let",  "model",
                              "net",   "not",  "or",     "param",  "return",  "true", "via"};

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Where the word that ends at `end` begins.
std::size_t word_begin(const std::string& text, std::size_t end) {
  while (end > 0 && in_word(text[end - 1])) --end;
  return end;
}

/// The cursor's surroundings.
struct Place {
  std::vector<std::size_t> open;                 // brackets not yet closed
  std::size_t string_begin = std::string::npos;  // past the opening quote of a string
  bool comment = false;
};

Place place_of(const std::string& text) {
  Place place;
  const auto in_string = [&] { return place.string_begin != std::string::npos; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      place.comment = false;
      place.string_begin = std::string::npos;
    } else if (place.comment) {
      continue;
    } else if (in_string()) {
      if (c == '\\') ++i;
      if (c == '"') place.string_begin = std::string::npos;
    } else if (c == '"') {
      place.string_begin = i + 1;
    } else if (c == '#') {
      place.comment = true;
    } else if (c == '(' || c == '[' || c == '{') {
      place.open.push_back(i);
    } else if ((c == ')' || c == ']' || c == '}') && !place.open.empty()) {
      place.open.pop_back();
    }
  }
  return place;
}

/// Those that begin with `beginning`, sorted, each once.
Completion matching(std::size_t begin, const std::string& beginning, std::vector<std::string> names) {
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const std::string& name) { return name.rfind(beginning, 0) != 0; }),
              names.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return {begin, std::move(names)};
}

Completion files(const std::string& text, std::size_t begin) {
  namespace fs = std::filesystem;
  const std::string typed = text.substr(begin);
  const std::size_t slash = typed.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool hidden = name[0] == '.' && typed.size() == folder.size();
    std::error_code ignored;
    if (!hidden) names.push_back(folder + name + (entry.is_directory(ignored) ? "/" : ""));
  }
  return matching(begin, typed, std::move(names));
}

// ---- fields
// ------------------------------------------------------------------------------------------------

std::vector<std::string> field_names(const Value& value) {
  if (const auto* object = value.as<runtime::ObjectPtr>()) return (*object)->field_names();
  std::vector<std::string> names;
  if (const auto* record = value.as<std::shared_ptr<const runtime::Record>>()) {
    for (const auto& field : **record) names.push_back(field.first);
  }
  return names;
}

std::optional<Value> field(const Value& value, const std::string& name) {
  if (const auto* record = value.as<std::shared_ptr<const runtime::Record>>()) {
    const Value* found = runtime::find_field(**record, name);
    if (found != nullptr) return *found;
  }
  if (const auto* object = value.as<runtime::ObjectPtr>()) {
    try {
      return (*object)->field(name);
    } catch (const lang::Failure&) {  // a fit without gradients, say: there is nothing to offer
    }
  }
  return {};
}

/// The value of `a.b.c` that ends at `end`, when it is nothing but names.
std::optional<Value> value_before(const Session& session, const std::string& text, std::size_t end) {
  const std::size_t begin = word_begin(text, end);
  if (begin == end) return {};
  const std::string name = text.substr(begin, end - begin);
  if (begin == 0 || text[begin - 1] != '.') {
    const Value* value = session.workspace().find(name);
    return value == nullptr ? std::nullopt : std::optional<Value>(*value);
  }
  const auto base = value_before(session, text, begin - 1);
  return base ? field(*base, name) : std::nullopt;
}

// ---- names and arguments
// -----------------------------------------------------------------------------------

/// What may be given by name in a call.
std::vector<std::string> argument_names(const Session& session, const std::string& callee) {
  std::vector<std::string> names;
  if (const Value* value = session.workspace().find(callee)) {
    if (const auto* closure = value->as<std::shared_ptr<const runtime::Closure>>()) {
      for (const lang::Parameter& parameter : (*closure)->callable->parameters) {
        names.push_back(parameter.name.name);
      }
    }
    return names;
  }
  const auto entry = session.name_table().names.find(callee);
  if (entry == session.name_table().names.end()) return names;
  for (const lang::Signature& signature : entry->second.signatures) {
    for (const lang::SignatureParameter& parameter : signature.parameters) names.push_back(parameter.name);
    for (const auto& alternatives : signature.alternatives) {
      names.insert(names.end(), alternatives.begin(), alternatives.end());
    }
    if (!signature.open_keywords) continue;  // `infer`
    for (const runtime::Option& option : inference::run_option_list()) names.push_back(option.name);
  }
  return names;
}

/// The words of the input itself: the variables of the model that is being typed.
void add_words(const std::string& text, const std::string& beginning, std::vector<std::string>& names) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    const bool is_name = end > at && !std::isdigit(static_cast<unsigned char>(text[at]));
    if (is_name && text.compare(at, end - at, beginning) != 0) names.push_back(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
}

Completion names(const Session& session, const std::string& text, std::size_t begin, const Place& place) {
  const std::string beginning = text.substr(begin);
  std::vector<std::string> result;
  if (!place.open.empty() && text[place.open.back()] == '(') {
    const std::size_t end = place.open.back();
    const std::size_t callee = word_begin(text, end);
    for (const std::string& name : argument_names(session, text.substr(callee, end - callee))) {
      result.push_back(name + " = ");
    }
  }
  // Without a letter to go by, only arguments are few enough to be worth showing.
  if (beginning.empty()) return matching(begin, beginning, std::move(result));
  for (const std::string& name : session.workspace().names()) result.push_back(name);
  for (const auto& entry : session.name_table().names) result.push_back(entry.first);
  add_words(text.substr(0, begin), beginning, result);
  result.insert(result.end(), keywords.begin(), keywords.end());
  return matching(begin, beginning, std::move(result));
}

// ---- commands
// ----------------------------------------------------------------------------------------------

std::vector<std::string> command_words() {
  std::vector<std::string> words;
  for (const SessionCommand& command : session_commands()) words.push_back(":" + std::string(command.name));
  return words;
}

/// After a command's word: what its argument may be. Nothing when it is a text of the language.
std::optional<Completion> argument_of_command(const Session& session, const std::string& text,
                                              const std::string& word, std::size_t word_end) {
  const SessionCommand* command = find_command(word);
  if (command == nullptr || command->kind == ArgumentKind::input) return {};
  const std::size_t begin = std::min(text.find_first_not_of(' ', word_end), text.size());
  if (command->kind == ArgumentKind::file) return files(text, begin);
  if (command->kind != ArgumentKind::name) return Completion{begin, {}};
  std::vector<std::string> known = explained_names(session.library());
  for (const std::string& name : session.workspace().names()) known.push_back(name);
  for (std::string& name : command_words()) known.push_back(std::move(name));
  return matching(begin, text.substr(begin), std::move(known));
}

}  // namespace

Completion complete(const Session& session, const std::string& input) {
  if (is_command(input)) {
    const std::size_t colon = input.find(':');
    const std::size_t blank = input.find(' ', colon);
    if (blank == std::string::npos) return matching(colon, input.substr(colon), command_words());
    const std::string word = input.substr(colon + 1, blank - colon - 1);
    if (auto completion = argument_of_command(session, input, word, blank)) return *completion;
  }
  const Place place = place_of(input);
  if (place.comment) return {input.size(), {}};
  if (place.string_begin != std::string::npos) return files(input, place.string_begin);
  const std::size_t begin = word_begin(input, input.size());
  if (begin == 0 || input[begin - 1] != '.') return names(session, input, begin, place);
  const auto base = value_before(session, input, begin - 1);
  return matching(begin, input.substr(begin), base ? field_names(*base) : std::vector<std::string>{});
}

std::string common_beginning(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::string common = candidates.front();
  for (const std::string& candidate : candidates) {
    const auto end = std::mismatch(common.begin(), common.end(), candidate.begin(), candidate.end()).first;
    common.erase(end, common.end());
  }
  // Not between the bytes of a character.
  while (!common.empty() && common.size() < candidates.front().size() &&
         (static_cast<unsigned char>(candidates.front()[common.size()]) & 0xc0) == 0x80) {
    common.pop_back();
  }
  return common;
}

}  // namespace elbo::cli
