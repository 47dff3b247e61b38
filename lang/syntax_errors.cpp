// Messages of the parser: a table of what was needed, and then the habits from other languages, the unclosed
// brackets and the reserved words that explain most failures better than "expected …" does.
#include "lang/syntax_errors.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

struct Row {
  Expected expected;
  std::string_view text;
  std::string_view hint;
};

constexpr Row rows[] = {
    {Expected::expression, "an expression", ""},
    {Expected::operand, "an expression after the operator", ""},
    {Expected::name, "a name", ""},
    {Expected::target, "the name of a variable", ""},
    {Expected::parameter, "the name of an argument", ""},
    {Expected::parameters, "`(` and the names of the arguments", ""},
    {Expected::type, "a type (`real[N]`, `positive`, `int`, …)", ""},
    {Expected::block, "a block `{ … }`", ""},
    {Expected::body, "`=` and an expression, or a block `{ … }`", ""},
    {Expected::value, "`=` and a value", ""},
    {Expected::in, "`in` and what to run through", "a loop is written `for i in 1:N { … }`"},
    {Expected::distribution, "`~` and a distribution", ""},
    {Expected::path, "the name of a file in quotes", "write `import \"other.elbo\"`"},
    {Expected::field, "the name of a field after `.`", ""},
    {Expected::record_field, "a field `name: value`", "a record is written `{mean: 0, sd: 1}`"},
    {Expected::record_value, "`:` and the value of the field", "a record is written `{mean: 0, sd: 1}`"},
    {Expected::index, "an index", ""},
    {Expected::condition, "a condition", ""},
    {Expected::else_branch, "a block `{ … }` or `if` after `else`", ""},
    {Expected::member, "a member like `log_density(x) = …` or `sample() = …`", ""},
    {Expected::close_parenthesis, "`)`", ""},
    {Expected::close_bracket, "`,` or `]`", ""},
    {Expected::close_brace, "`,` or `}`", ""},
    {Expected::close_arguments, "`,` or `)`", ""},
    {Expected::close_block, "the end of the statement", ""},
    {Expected::close_string, "a closing quote", ""},
    {Expected::number_end, "the end of the number", ""},
    {Expected::statement, "a statement", ""},
    {Expected::block_statement, "a statement", ""},
    {Expected::statement_end, "the end of the statement", ""},
};

const Row& row_of(Expected expected) {
  for (const Row& row : rows) {
    if (row.expected == expected) return row;
  }
  throw InternalError("a syntax error without a message");
}

// A failing spot: what was needed, and the token that stands there instead.
struct Spot {
  const Place& place;
  std::string_view text;
  Expected expected;
  std::uint32_t before;  // end of what was read
  std::uint32_t begin;   // the token that was found
  std::uint32_t end;

  std::string_view found() const { return text.substr(begin, end - begin); }
  bool at_end() const { return begin >= text.size(); }
  bool at_newline() const { return !at_end() && text[begin] == '\n'; }
  Span span(std::uint32_t from, std::uint32_t to) const { return {place.source, from, to}; }
  // Where a line or the text ends too early, the place is behind its last letter.
  std::uint32_t line_end() const {
    std::uint32_t last = before;
    while (last > 0 && (text[last - 1] == ' ' || text[last - 1] == '\n' || text[last - 1] == '\r')) --last;
    return last;
  }
  Span behind() const { return span(line_end(), line_end()); }
  Span span() const { return at_end() || at_newline() ? behind() : span(begin, end); }
};

// Whether the line ended too early and the next statement follows: it is then to be read by itself.
bool next_statement_follows(const Spot& spot) {
  constexpr std::string_view openers[] = {"let", "model", "guide", "net", "param", "for", "import", "return"};
  const std::string_view between = spot.text.substr(spot.line_end(), spot.begin - spot.line_end());
  return between.find('\n') != std::string_view::npos &&
         std::find(std::begin(openers), std::end(openers), spot.found()) != std::end(openers);
}

bool is_any(Expected expected, std::initializer_list<Expected> list) {
  return std::find(list.begin(), list.end(), expected) != list.end();
}

bool closes(Expected e) {
  return is_any(e, {Expected::close_parenthesis, Expected::close_bracket, Expected::close_brace,
                    Expected::close_arguments, Expected::close_block});
}

char closing(char open) { return open == '(' ? ')' : open == '[' ? ']' : '}'; }

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string describe_found(const Spot& spot) {
  if (spot.at_end()) return "the end of the text";
  if (spot.at_newline()) return "the end of the line";
  constexpr std::size_t longest = 40;
  if (spot.found().size() > longest) return quoted(std::string(spot.found().substr(0, longest)) + "…");
  return quoted(spot.found());
}

Diagnostic make(const Spot& spot, std::string code, std::string message, std::string hint) {
  return {std::move(code), std::move(message), spot.span(), {}, std::move(hint)};
}

std::string_view word_at(std::string_view text, std::uint32_t at) {
  return text.substr(at, word_end(text, at) - at);
}

// ---- explanations, in the order in which they are tried
// -------------------------------------------------------

std::optional<Diagnostic> literal_error(const Spot& spot) {
  if (spot.expected == Expected::close_string) {
    const std::uint32_t open = spot.before;
    std::uint32_t end = skip_string(spot.text, open);
    return Diagnostic{"unterminated-string",
                      "this string has no closing quote",
                      spot.span(open, end),
                      {},
                      "a string ends on its line; write a newline in it as `\\n`"};
  }
  if (spot.expected != Expected::number_end) return std::nullopt;
  std::uint32_t begin = spot.before;
  const auto part = [&](char c) { return (c >= '0' && c <= '9') || c == '_' || c == '.'; };
  while (begin > 0 && part(spot.text[begin - 1])) --begin;
  std::uint32_t end = std::max(word_end(spot.text, spot.before), spot.before + 1);
  while (end < spot.text.size() && (part(spot.text[end]) || word_end(spot.text, end) > end)) ++end;
  const char next = spot.text[spot.before];
  std::string hint;
  const bool digit_follows = spot.before + 1 < spot.text.size() && part(spot.text[spot.before + 1]);
  if (next == '.') hint = digit_follows ? "a number has one point" : "write a digit after the point: `1.0`";
  const bool range_follows = spot.before + 1 < spot.text.size() && spot.text[spot.before + 1] == '.';
  if (next == '.' && range_follows) hint = "a range is written with a colon: `2:10`";
  if (next == 'L') hint = "integers need no `L`";
  if (next == 'x' || next == 'b') hint = "numbers are decimal";
  if (next == 'e' || next == 'E') hint = "write the exponent as in `1e-3`";
  if (next == '_') hint = "put `_` between two digits only: `10_000`";
  if (hint.empty()) hint = "a name cannot begin with a digit; a product takes `*`";
  return Diagnostic{"bad-number", "this is not a number", spot.span(begin, end), {}, hint};
}

std::optional<Diagnostic> reserved_word(const Spot& spot) {
  const bool wants_name = is_any(spot.expected, {Expected::name, Expected::target, Expected::parameter});
  if (!wants_name || !is_reserved(spot.found())) return std::nullopt;
  return make(spot, "reserved-word", quoted(spot.found()) + " is a word of the language and cannot be a name",
              "choose another name, for example `" + std::string(spot.found()) + "_`");
}

std::optional<Diagnostic> unclosed_bracket(const Spot& spot) {
  if (spot.place.open.empty()) return std::nullopt;
  const OpenBracket open = spot.place.open.back();
  const Span opening = spot.span(open.offset, open.offset + 1);
  const char close = closing(open.bracket);
  if (!spot.at_end() && (spot.found() == ")" || spot.found() == "]" || spot.found() == "}")) {
    if (spot.found().front() == close) return std::nullopt;
    Diagnostic d = make(spot, "mismatched-bracket",
                        quoted(spot.found()) + " does not close " + quoted({&open.bracket, 1}), "");
    // in a block it is one too many, rather than a slip for the end of the block
    d.hint = open.bracket == '{'
                 ? "leave it out: no " + quoted(spot.found() == ")" ? "(" : "[") + " is open here"
                 : "write " + quoted({&close, 1});
    d.related.push_back({opening, "opened here"});
    return d;
  }
  // Inside ( and [ newlines are space, so a bracket that was never closed shows only when the next statement
  // turns up inside it.
  const std::string_view between = spot.text.substr(spot.before, spot.begin - spot.before);
  const bool next_line = open.bracket != '{' && between.find('\n') != std::string_view::npos;
  const bool next_statement =
      (next_line && closes(spot.expected)) || (open.bracket != '{' && next_statement_follows(spot));
  if (!spot.at_end() && !next_statement) return std::nullopt;
  Diagnostic d = make(spot, "unclosed-bracket", quoted({&open.bracket, 1}) + " is not closed", "");
  d.span = spot.behind();
  const bool block =
      is_any(spot.expected, {Expected::close_block, Expected::block_statement, Expected::member});
  d.hint = "write " + quoted({&close, 1}) +
           (block                   ? " where the block ends"
            : closes(spot.expected) ? " here"
                                    : "");
  d.related.push_back({opening, "opened here"});
  return d;
}

std::optional<Diagnostic> stray_bracket(const Spot& spot) {
  if (spot.expected != Expected::statement || spot.at_end()) return std::nullopt;
  const char c = spot.text[spot.begin];
  if (c != ')' && c != ']' && c != '}') return std::nullopt;
  return make(spot, "stray-bracket", quoted(spot.found()) + " closes nothing", "");
}

std::optional<Diagnostic> foreign_habit(const Spot& spot) {
  const std::string_view text = spot.text;
  const std::string_view first = word_at(text, spot.place.statement);
  if (spot.begin < text.size()) {
    if (first == "target" && text[spot.begin] == '=') {
      return make(spot, "unknown-operator", "`+=` is not an operator",
                  std::string(foreign_statement(first)->hint));
    }
    const bool operand =
        is_any(spot.expected, {Expected::expression, Expected::operand, Expected::index, Expected::condition,
                               Expected::statement, Expected::block_statement});
    const Foreign* sign = operand ? foreign_prefix(text, spot.begin) : foreign_operator(text, spot.begin);
    if (sign) {
      const std::uint32_t end = spot.begin + static_cast<std::uint32_t>(sign->text.size());
      return Diagnostic{"unknown-operator",
                        quoted(sign->text) + " is not part of the language",
                        spot.span(spot.begin, end),
                        {},
                        std::string(sign->hint)};
    }
  }
  const bool ends =
      is_any(spot.expected, {Expected::statement_end, Expected::close_block, Expected::operand});
  if (!ends) return std::nullopt;
  // The first word of the line, too: statements of a block are not the parser's place of a statement.
  const std::size_t line_end = std::min<std::size_t>(spot.begin, text.size());
  std::uint32_t line = static_cast<std::uint32_t>(text.substr(0, line_end).rfind('\n') + 1);  // npos + 1 is 0
  while (line < text.size() && (text[line] == ' ' || text[line] == '\t')) ++line;
  const std::string_view first_of_line = word_at(text, line);
  for (const std::string_view word : {spot.found(), first, first_of_line}) {
    const Foreign* foreign = foreign_statement(word);
    if (!foreign || spot.at_end()) continue;
    const std::uint32_t at = word == first ? spot.place.statement : word == first_of_line ? line : spot.begin;
    const bool begins = at == line || at == spot.place.statement;
    const char* wrong = begins ? " does not begin a statement here" : " is not part of the language";
    Diagnostic d = make(spot, "foreign-syntax", quoted(word) + wrong, "");
    d.span = spot.span(at, at + static_cast<std::uint32_t>(word.size()));
    d.hint = foreign->hint;
    return d;
  }
  return std::nullopt;
}

// What was needed, the token that stands there instead, and what stands before it on the line (anything, when
// empty), with the hint that they give together. The first row that fits is taken.
struct Habit {
  Expected expected;
  std::string_view found;
  std::string_view before;
  std::string_view hint;
};

constexpr std::string_view no_else = "an `else` follows the `}` of its `if`";
constexpr std::string_view comment = "a comment begins with `#`";
constexpr std::string_view lambda = "a function is written `fn(x) = …`";
constexpr std::string_view braces = "the body stands between `{` and `}`";
constexpr std::string_view increment = "write `x = x + 1`";
constexpr std::string_view bounds =
    "a bound is written behind a colon: `x : lower(0) ~ …`, `x : interval(0, 1) ~ …`";
constexpr std::string_view string_pattern = "values are put into a text like this: `print(\"x is {}\", x)`";

constexpr Habit habits[] = {
    {Expected::value, "==", "", "a name is given its value with one `=`"},
    {Expected::value, "~", "", "a random variable has no `let`: write `x ~ Normal(0, 1)`"},
    {Expected::value, "(", "", "a function is written `fn f(x) = …`"},
    {Expected::value, ":", "", "the type of a `let` follows from its value; leave it out"},
    {Expected::value, "<-", "", "write `=`"},
    {Expected::block, "=", "", "equality is `==`"},
    {Expected::block, ":", "", braces},
    {Expected::block, "then", "", "leave `then` out: `if c { a } else { b }`"},
    {Expected::else_branch, ":", "", braces},
    {Expected::name, "(", "for", "write it without parentheses: `for i in 1:N { … }`"},
    {Expected::name, "{", "", "a model has a name, and its data as arguments: `model name(y) { … }`"},
    {Expected::body, ":", "", "the body follows `=`, or stands between `{` and `}`"},
    {Expected::record_value, "=", "", "in a record write `:`; `name = value` is for arguments"},
    {Expected::close_bracket, "if", "", "a comprehension has no condition; use a mask: `x[x > 0]`"},
    {Expected::close_bracket, ";", "", "a matrix is a list of rows: `[[1, 2], [3, 4]]`"},
    {Expected::index, "]", ",", "a whole row is `x[1, :]`, and a whole column `x[:, 1]`"},
    {Expected::operand, "", "++", increment},
    {Expected::operand, "", "--", increment},
    {Expected::statement_end, "=", "<lower", bounds},
    {Expected::statement_end, "=", "<upper", bounds},
    {Expected::statement_end, "=", ")", "a function is written `fn f(x) = …`; equality is `==`"},
    {Expected::statement_end, "=", "",
     "equality is `==`; only a name, or a name with an index, can be assigned to"},
    {Expected::statement_end, "~", "", "only a name, or a name with an index, can stand before `~`"},
    {Expected::statement_end, "else", "", no_else},
    {Expected::statement, "else", "", no_else},
    {Expected::statement, "%", "", comment},
    {Expected::statement, "@", "", "there are no decorators or macros; leave it out"},
    {Expected::expression, "~", "=", "the opposite of a condition is `not c`"},
    {Expected::statement_end, "if", "", "a choice is written `if c { a } else { b }`"},
    {Expected::statement_end, "!", "", "inequality is `!=`; a factorial is `prod([i for i in 1:n])`"},
    {Expected::statement_end, "", "//", comment},
    {Expected::statement_end, "", "lambda ", lambda},
    {Expected::statement_end, "", "function(", lambda},
    {Expected::statement_end, "", "function (", lambda},
    {Expected::statement_end, "", "\\(", lambda},
};

// Places that are one and the same to whoever writes.
Expected without_block(Expected expected) {
  if (expected == Expected::close_block) return Expected::statement_end;
  if (expected == Expected::block_statement) return Expected::statement;
  return expected;
}

// Hints that the found token gives for what was needed.
std::string hint_for(const Spot& spot) {
  const std::string_view found = spot.found();
  const Expected e = spot.expected;
  const std::size_t start = spot.text.substr(0, spot.line_end()).rfind('\n') + 1;  // npos + 1 is 0
  const std::string_view before = spot.text.substr(start, spot.begin > start ? spot.begin - start : 0);
  for (const Habit& row : habits) {
    const bool fits = row.expected == without_block(e) && (row.found.empty() || row.found == found);
    if (fits && before.find(row.before) != std::string_view::npos) return std::string(row.hint);
  }
  if (e == Expected::block && spot.at_newline()) return "the `{` stands on the line of its header";
  if (e == Expected::block && !spot.at_end()) return "the braces are needed even around one statement";
  const bool text = !found.empty() && found.front() == '"';
  if (text && e == Expected::record_field) return "the names of fields stand without quotes: `{mean: 0}`";
  if (text && e == Expected::close_arguments && !before.empty() && before.back() == 'f')
    return std::string(string_pattern);
  return std::string(row_of(e).hint);
}

Diagnostic plain(const Spot& spot) {
  const bool end = spot.at_end();
  std::string message =
      "expected " + std::string(row_of(spot.expected).text) + ", found " + describe_found(spot);
  std::string code = end ? "unexpected-end" : "syntax";
  if (!end && spot.found() == "else") {
    code = "else-without-if";
    message = "this `else` has no `if`";
  } else if (!end && word_end(spot.text, spot.begin) == spot.begin &&
             decode(spot.text, spot.begin).value >= 0x80) {
    code = "unexpected-character";
    message = quoted(spot.found()) + " cannot stand here";
  }
  return make(spot, std::move(code), std::move(message), hint_for(spot));
}

}  // namespace

SyntaxFailure describe(const Place& place, std::uint32_t offset, Expected expected) {
  const std::string_view text = place.source->text();
  const std::uint32_t begin = expected == Expected::close_string || expected == Expected::number_end
                                  ? offset
                                  : skip_space(text, offset, place.newlines_are_space);
  Spot spot{place, text, expected, offset, begin, token_end(text, begin)};
  SyntaxFailure failure;
  failure.offset = begin;
  failure.at_end = spot.at_end() && expected != Expected::close_string;
  for (auto explain : {literal_error, reserved_word, unclosed_bracket, stray_bracket, foreign_habit}) {
    if (auto diagnostic = explain(spot)) {
      failure.diagnostic = std::move(*diagnostic);
      return failure;
    }
  }
  if (next_statement_follows(spot)) {
    failure.offset = static_cast<std::uint32_t>(text.find('\n', spot.line_end()));
    spot.begin = spot.before = failure.offset;
    spot.end = spot.begin + 1;
  }
  failure.diagnostic = plain(spot);
  return failure;
}

SyntaxFailure describe_foreign(const Place& place, std::uint32_t offset, std::string_view sign,
                               std::string_view hint) {
  const Span span{place.source, offset, offset + static_cast<std::uint32_t>(sign.size())};
  const std::string_view first = word_at(place.source->text(), place.statement);
  std::string better(hint);
  if (first == "target" && sign == "+=") better = foreign_statement(first)->hint;
  return {
      {"unknown-operator", quoted(sign) + " is not part of the language", span, {}, better}, span.end, false};
}

SyntaxFailure describe_operator_at_line_start(const Place& place, std::uint32_t offset) {
  const std::string_view text = place.source->text();
  const Span span{place.source, offset, token_end(text, offset)};
  Diagnostic d{
      "operator-at-line-start", "a line cannot begin with the operator " + quoted(span.text()), span, {}, ""};
  d.hint = "put the operator at the end of the line before";
  if (span.text() == "-" || span.text() == "+") d.hint += ", or the value in parentheses";
  const std::string_view two = text.substr(offset, 2);
  if (two == "//" || two == "/*" || text[offset] == '%') d.hint = std::string(comment) + "; " + d.hint;
  return {std::move(d), span.end, false};
}

SyntaxFailure describe_arrow(const Place& place, std::uint32_t offset) {
  const Span span{place.source, offset, offset + 2};
  return {{"unknown-operator",
           "`<-` is not part of the language",
           span,
           {},
           "write `let x = …` for a value, and `x ~ …` for a random variable"},
          span.end,
          false};
}

}  // namespace elbo::lang
