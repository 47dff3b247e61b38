// Words and signs of Stan, R, Python and Julia that a newcomer may write, each with what to write here
// instead.
#include <iterator>

#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

constexpr std::string_view elementwise = "arithmetic is elementwise already; leave the `.` out";
constexpr std::string_view update = "write `x = x + …`; in a model, `factor e` adds `e` to the log density";
constexpr std::string_view right_arrow = "write the name first: `let x = …`";
constexpr std::string_view declaration =
    "variables are not declared: write `let x = …`, `x ~ Normal(0, 1)` or `param x : positive = 1`";
constexpr std::string_view stan_block =
    "there are no blocks for data and parameters: write `model name(data) { … }`";
constexpr std::string_view define = "write `fn name(x) = …` or `fn name(x) { … }`";
constexpr std::string_view bind = "write `let name = …`";
constexpr std::string_view only_for = "the only loop is `for i in 1:N { … }`";
constexpr std::string_view else_if = "write `else if`";
constexpr std::string_view load = "write `import \"file.elbo\"`";
constexpr std::string_view absent = "a value that is not there is written `missing`";

// Longer signs first: the first row that fits is taken.
constexpr Foreign operators[] = {
    {"%in%", "write `any(list == x)`"},
    {"%*%", "the matrix product is `@`"},
    {"%o%", "the matrix product is `@`"},
    {"%/%", "integer division is `//`"},
    {"===", "equality is `==`"},
    {"!==", "inequality is `!=`"},
    {"**", "power is `^`"},
    {"%%", "the remainder is `%`"},
    {"&&", "write `and`"},
    {"||", "write `or`"},
    {"|>", "write the call: `f(x)`"},
    {"+=", update},
    {"-=", update},
    {"*=", update},
    {"/=", "write `x = x / …`; inequality is `!=`"},
    {"^=", update},
    {":=", bind},
    {"->", right_arrow},
    {"=>", "write `fn(x) = …`"},
    {"<>", "inequality is `!=`"},
    {"::", "write `.` between a file's name and its own names: `other.f`"},
    {".*", elementwise},
    {"./", elementwise},
    {".+", elementwise},
    {".-", elementwise},
    {".^", elementwise},
    {"..", "a range is written `first:last`"},
    {"&", "write `and`"},
    {"|", "write `or`"},
    {"$", "write `.`: `fit.mean`"},
    {"?", "a choice is written `if c { a } else { b }`"},
    {"'", "write `transpose(x)`"},
    {"≤", "write `<=`"},
    {"≥", "write `>=`"},
    {"≠", "write `!=`"},
    {"×", "write `*`, or `@` for the matrix product"},
    {"·", "write `*`, or `@` for the matrix product"},
    {"÷", "write `/`, or `//` for integers"},
    {"−", "this is not the minus of the keyboard; write `-`"},
    {"→", right_arrow},
    {"←", bind},
    {"∈", "write `in`"},
};

constexpr Foreign prefixes[] = {
    {"!", "write `not`"},
    {"'", "strings take double quotes: \"…\""},
    {"`", "strings take double quotes: \"…\""},
    {"“", "strings take straight double quotes: \"…\""},
    {"”", "strings take straight double quotes: \"…\""},
    {"‘", "strings take straight double quotes: \"…\""},
    {"−", "this is not the minus of the keyboard; write `-`"},
    {"**", "a record that stands for named arguments is passed as it is"},
    {"√", "write `sqrt(x)`"},
    {"∑", "write `sum(x)`"},
    {"∞", "write `inf`"},
    {"\u00A0", "this is a no-break space; put an ordinary space"},
};

constexpr Foreign statements[] = {
    {"var", bind},
    {"const", bind},
    {"val", bind},
    {"auto", bind},
    {"set", bind},
    {"def", define},
    {"function", define},
    {"func", define},
    {"fun", define},
    {"define", define},
    {"while", only_for},
    {"repeat", only_for},
    {"loop", only_for},
    {"foreach", only_for},
    {"elif", else_if},
    {"elseif", else_if},
    {"elsif", else_if},
    {"using", load},
    {"library", load},
    {"from", load},
    {"include", load},
    {"print", "write `print(…)`"},
    {"observe", "what is observed is an argument of the model: `y ~ …`"},
    {"data", stan_block},
    {"parameters", stan_block},
    {"transformed", stan_block},
    {"generated", stan_block},
    {"functions", "write `fn name(x) = …`, outside the model"},
    {"target", "write `factor e` to add `e` to the log density"},
    {"real", declaration},
    {"int", declaration},
    {"float", declaration},
    {"double", declaration},
    {"bool", declaration},
    {"vector", declaration},
    {"row_vector", declaration},
    {"matrix", declaration},
    {"array", declaration},
    {"simplex", declaration},
    {"ordered", declaration},
    {"positive_ordered", declaration},
    {"unit_vector", declaration},
    {"cov_matrix", declaration},
    {"corr_matrix", declaration},
    {"cholesky_factor_corr", declaration},
    {"cholesky_factor_cov", declaration},
};

constexpr Foreign names[] = {
    {"TRUE", "write `true`"},
    {"True", "write `true`"},
    {"FALSE", "write `false`"},
    {"False", "write `false`"},
    {"None", absent},
    {"NULL", absent},
    {"null", absent},
    {"nil", absent},
    {"nothing", absent},
    {"NA", absent},
    {"Gaussian", "it is called `Normal` here"},
    {"gaussian", "it is called `Normal` here"},
    {"function", define},
    {"lambda", "write `fn(x) = …`"},
    {"target", "write `factor e` to add `e` to the log density"},
    {"break", "a loop always runs through its whole range"},
    {"continue", "a loop always runs through its whole range"},
};

template <std::size_t N>
const Foreign* find_prefix(const Foreign (&table)[N], std::string_view text, std::uint32_t at) {
  if (at >= text.size()) return nullptr;
  for (const Foreign& row : table) {
    if (text.substr(at, row.text.size()) == row.text) return &row;
  }
  return nullptr;
}

template <std::size_t N>
const Foreign* find_word(const Foreign (&table)[N], std::string_view word) {
  for (const Foreign& row : table) {
    if (word == row.text) return &row;
  }
  return nullptr;
}

}  // namespace

const Foreign* foreign_operator(std::string_view text, std::uint32_t at) {
  return find_prefix(operators, text, at);
}

const Foreign* foreign_prefix(std::string_view text, std::uint32_t at) {
  return find_prefix(prefixes, text, at);
}
const Foreign* foreign_statement(std::string_view word) { return find_word(statements, word); }
const Foreign* foreign_name(std::string_view word) { return find_word(names, word); }

}  // namespace elbo::lang
