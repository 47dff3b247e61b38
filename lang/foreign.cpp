// Words and signs of Stan, R, Python and Julia that a newcomer may write, each with what to write here
// instead.
#include <iterator>

#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

constexpr std::string_view elementwise = "arithmetic is elementwise already; leave the `.` out";
constexpr std::string_view update = "write `x = x + …`; in a model, `factor e` adds `e` to the log density";
constexpr std::string_view right_arrow = "write the name first: `let x = …`; a function is `fn(x) = …`";
constexpr std::string_view declaration =
    "variables are not declared: write `let x = …`, `x ~ Normal(0, 1)` or `param x : positive = 1`";
constexpr std::string_view stan_block =
    "there are no blocks for data and parameters: write `model name(data) { … }`";
constexpr std::string_view define = "write `fn name(x) = …` or `fn name(x) { … }`";
constexpr std::string_view bind = "write `let name = …`";
constexpr std::string_view only_for = "the only loop is `for i in 1:N { … }`";
constexpr std::string_view else_if = "write `else if`";
constexpr std::string_view load = "write `import \"file.elbo\"`";
constexpr std::string_view library_prefix =
    "functions are called by their own names: `exp(x)`, `mean(x)`, `zeros(3)`";
constexpr std::string_view sample_prefix =
    "a random variable is written `x ~ Normal(0, 1)`: distributions are called by their own names";
constexpr std::string_view random_draw =
    "write `sample(Normal(0, 1), 10, seed = 1)`, with the distribution you mean";
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
    {"//", "a comment begins with `#`"},
    {"/*", "a comment begins with `#`"},
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
    {"\\", "a function is written `fn(x) = …`"},
    {"$", "leave the `$` out"},
};

constexpr Foreign statements[] = {
    {"T", "to restrict a variable, write `x : interval(0, 5) ~ …`"},
    {"with", "a plate is a loop: `for n in 1:N { … }`"},
    {"lambda", "write `fn(x) = …`"},
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
    {"class", "values that belong together are a record: `{mean: 0, sd: 1}`"},
    {"struct", "values that belong together are a record: `{mean: 0, sd: 1}`"},
    {"switch", "write `if a { … } else if b { … } else { … }`"},
    {"match", "write `if a { … } else if b { … } else { … }`"},
    {"case", "write `if a { … } else if b { … } else { … }`"},
    {"unless", "write `if not c { … }`"},
    {"try", "errors cannot be caught; ask beforehand with `if`"},
    {"catch", "errors cannot be caught; ask beforehand with `if`"},
    {"except", "errors cannot be caught; ask beforehand with `if`"},
    {"raise", "write `error(\"…\")`"},
    {"throw", "write `error(\"…\")`"},
    {"begin", "a block stands between `{` and `}`"},
    {"end", "a block ends with `}`"},
    {"then", "leave `then` out: `if c { a } else { b }`"},
    {"do", "a block stands between `{` and `}`"},
    {"plate", "a plate is a loop: `for n in 1:N { … }`"},
    {"new", "leave `new` out"},
    {"is", "equality is `==`"},
    {"mod", "the remainder is `%`"},
    {"xor", "write `a != b`"},
    {"I", "to restrict a variable, write `x : interval(0, 5) ~ …`"},
    {"lower", "a lower bound is written `x : lower(0) ~ …`"},
    {"upper", "an upper bound is written `x : upper(1) ~ …`"},
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
    {"NaN", "write `nan`"},
    {"Inf", "write `inf`"},
    {"Infinity", "write `inf`"},
    {"len", "write `length(x)`"},
    {"nrow", "write `rows(x)`"},
    {"size", "write `length(x)`, or `shape(x)`"},
    {"c", "a vector is written `[1, 2, 3]`"},
    {"seq", "write `[i for i in 1:N]`, or `linspace(first, last, count)`"},
    {"arange", "write `[i for i in 1:N]`, or `linspace(first, last, count)`"},
    {"rep", "write `zeros(N) + x`, or `ones(N) * x`"},
    {"ifelse", "write `where(condition, a, b)`, or `if c { a } else { b }`"},
    {"cat", "write `print(…)`"},
    {"println", "write `print(…)`"},
    {"printf", "write `print(\"{}\", x)`"},
    {"puts", "write `print(…)`"},
    {"log_sum_exp", "write `logsumexp(x)`"},
    {"inv_logit", "write `sigmoid(x)`"},
    {"expit", "write `sigmoid(x)`"},
    {"invlogit", "write `sigmoid(x)`"},
    {"append", "write `concat(a, b)`"},
    {"np", library_prefix},
    {"numpy", library_prefix},
    {"torch", library_prefix},
    {"jnp", library_prefix},
    {"pm", sample_prefix},
    {"pymc", sample_prefix},
    {"pyro", sample_prefix},
    {"numpyro", sample_prefix},
    {"dist", sample_prefix},
    {"tfd", sample_prefix},
    {"distributions", sample_prefix},
    {"rnorm", random_draw},
    {"runif", random_draw},
    {"rgamma", random_draw},
    {"rbinom", random_draw},
    {"rpois", random_draw},
    {"randn", random_draw},
    {"rand", random_draw},
    {"function", define},
    {"lambda", "write `fn(x) = …`"},
    {"target", "write `factor e` to add `e` to the log density"},
    {"break", "a loop always runs through its whole range"},
    {"continue", "a loop always runs through its whole range"},
    {"range", "a range is written `first:last` and holds both ends: `for i in 1:3 { … }`"},
    {"pow", "power is `^`: `x^2`"},
    {"list", "a list is written `[1, 2]`, a record `{a: 1, b: 2}`"},
    {"dict", "a record is written `{a: 1, b: 2}`"},
    {"tuple", "a list is written `[1, 2]`"},
    {"T", "write `true`; the transpose is `transpose(x)`"},
    {"F", "write `false`"},
    {"math", library_prefix},
    {"plt", "write `plot(x, y)`, `scatter(x, y)` or `hist(x)`"},
    {"tf", library_prefix},
    {"jax", library_prefix},
    {"scipy", library_prefix},
    {"stats", sample_prefix},
    {"pd", "write `read_csv(\"file.csv\")`"},
    {"pandas", "write `read_csv(\"file.csv\")`"},
    {"library", load},
    {"require", load},
    {"observe", "what is observed is an argument of the model: `model m(y) { y ~ … }`"},
    {"plate", "a plate is a loop: `for n in 1:N { … }`"},
    {"increment_log_prob", "write `factor e` to add `e` to the log density"},
    {"Potential", "write `factor e` to add `e` to the log density"},
    {"begin", "a block stands between `{` and `}`"},
    {"end", "a block ends with `}`"},
    {"self", "functions belong to nothing: give what they need as an argument"},
    {"undefined", absent},
    {"concatenate", "write `concat(a, b)`"},
    {"fabs", "write `abs(x)`"},
    {"ln", "write `log(x)`"},
};

// Names of arguments of distributions that are no parameters; those are in foreign_distributions.cpp.
constexpr Foreign arguments[] = {
    {"n", "for several independent copies write `size =`"},
    {"lower", "constrain the variable: `x : lower(0) ~ …`"},
    {"upper", "constrain the variable: `x : upper(1) ~ …`"},
    {"low", "constrain the variable: `x : lower(0) ~ …`"},
    {"high", "constrain the variable: `x : upper(1) ~ …`"},
    {"shape", "for several independent copies write `size =`"},
    {"observed", "what is observed is an argument of the model: `model m(y) { y ~ … }`"},
    {"obs", "what is observed is an argument of the model: `model m(y) { y ~ … }`"},
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
const Foreign* foreign_name(std::string_view word) {
  const Foreign* row = find_word(names, word);
  return row != nullptr ? row : foreign_distribution(word);
}
const Foreign* foreign_argument(std::string_view word) { return find_word(arguments, word); }

}  // namespace elbo::lang
