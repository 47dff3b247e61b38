// The smallest pieces of a text, below the grammar: characters, words, space and comments, the reserved
// words, and the words and signs of other languages that a newcomer may write. Private to lang/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace elbo::lang {

/// A code point and the number of bytes it takes; `length` is 0 at the end and where the text is not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::uint32_t length = 0;
};
CodePoint decode(std::string_view text, std::uint32_t at);

/// Offset of the first byte that is not UTF-8.
std::optional<std::uint32_t> find_invalid_utf8(std::string_view text);

/// Columns that a code point takes in a terminal: 0 (combining), 1 or 2 (East Asian wide, emoji).
int display_width(char32_t c);

bool starts_word(char32_t c);
bool continues_word(char32_t c);

/// End of the word that begins at `at`; `at` itself when none does.
std::uint32_t word_end(std::string_view text, std::uint32_t at);

/// Words that may not name a thing.
bool is_reserved(std::string_view word);

/// End of the blanks and comments that begin at `at`, newlines included when `newlines` is set.
std::uint32_t skip_space(std::string_view text, std::uint32_t at, bool newlines);

/// End of the run of blanks, comments, newlines and semicolons that begins at `at`; `ended` tells whether it
/// held a newline or a semicolon.
std::uint32_t skip_separators(std::string_view text, std::uint32_t at, bool& ended);

/// End of the string literal that opens at `at`: past its closing quote, or at the end of its line.
std::uint32_t skip_string(std::string_view text, std::uint32_t at);

/// Past the bracket that closes the one at `at`, or the end of the text.
std::uint32_t skip_balanced(std::string_view text, std::uint32_t at);

/// End of the token at `at`, for messages ("found `…`").
std::uint32_t token_end(std::string_view text, std::uint32_t at);

/// What a statement that begins with `name` or `name[…]` at `at` is, told from what follows the name.
enum class TargetUse { none, assign, sample, constrained_sample, arrow };
TargetUse target_use(std::string_view text, std::uint32_t at);

/// Whether the text at `at` is the word `factor` and then an expression, rather than a variable of that name.
bool begins_factor(std::string_view text, std::uint32_t at);

/// A sign or word of another language, and what to write here.
struct Foreign {
  std::string_view text;
  std::string_view hint;
};

/// The foreign sign at `at`, where an operator may stand; null when there is none.
const Foreign* foreign_operator(std::string_view text, std::uint32_t at);
/// The foreign sign at `at`, where an expression may begin.
const Foreign* foreign_prefix(std::string_view text, std::uint32_t at);
/// The foreign word that opens a statement (`var`, `def`, `while`, …).
const Foreign* foreign_statement(std::string_view word);
/// The foreign name used in an expression (`TRUE`, `NULL`, …).
const Foreign* foreign_name(std::string_view word);
/// The foreign name of a distribution, or of a function made for one (`double_exponential`, `normal_lpdf`).
const Foreign* foreign_distribution(std::string_view word);
/// The foreign argument of a distribution that is no parameter of it (`observed`, …).
const Foreign* foreign_argument(std::string_view word);
/// What a parameter that is called `word` elsewhere (`sigma`, `loc`, …) may be called here, likeliest first.
std::span<const std::string_view> parameter_names(std::string_view word);

}  // namespace elbo::lang
