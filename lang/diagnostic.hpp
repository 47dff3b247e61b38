// What went wrong, as data: a stable code, one sentence, the place, and a hint. Stages collect diagnostics;
// only the command line (and the prompt) turn them into text.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "lang/source.hpp"

namespace elbo::lang {

/// Who is asked to act; decides the exit code of the program (1 user, 3 numbers).
enum class Tier { user, numbers, warning };

struct Label {
  Span span;
  std::string text;
};

struct Diagnostic {
  std::string code;            ///< stable, kebab-case, listed in docs/errors.md: "unknown-name"
  std::string message;         ///< one sentence in the user's terms, no final full stop
  Span span;                   ///< what the caret underlines
  std::vector<Label> related;  ///< other places that matter ("first defined here")
  std::string hint;            ///< how to mend it; empty when unknown
  Tier tier = Tier::user;
};

using Diagnostics = std::vector<Diagnostic>;

/// Text of a diagnostic as the user sees it:
///   error[unknown-name]: there is no `nromal` here
///    --> model.elbo:3:9
///     |
///   3 |   mu ~ Nromal(0, 1)
///     |        ^^^^^^
///     = hint: did you mean `Normal`?
/// `colour` adds ANSI colours. Ends with a newline.
std::string render(const Diagnostic& diagnostic, bool colour = false);

/// Carries one diagnostic out of a deep evaluation to the stage that started it. Only stage functions catch
/// it (see lang/README.md, "How errors travel").
class Failure : public std::exception {
 public:
  explicit Failure(Diagnostic diagnostic) : diagnostic_(std::move(diagnostic)) {}
  const Diagnostic& diagnostic() const { return diagnostic_; }
  Diagnostic& diagnostic() { return diagnostic_; }
  const char* what() const noexcept override { return diagnostic_.message.c_str(); }

 private:
  Diagnostic diagnostic_;
};

/// A mistake of ours, never of the user's; caught only in main (exit code 70).
class InternalError : public std::exception {
 public:
  explicit InternalError(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

/// The candidate nearest to `name` by edit distance (transpositions count one, case differences less), if
/// near enough to be a likely slip; empty otherwise.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// "did you mean `x`?" or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace elbo::lang
