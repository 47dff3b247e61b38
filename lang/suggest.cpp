// "Did you mean": the candidate at the least edit distance (Damerau-Levenshtein, optimal string alignment).
#include <algorithm>
#include <cstdlib>

#include "lang/diagnostic.hpp"
#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

// Distances are in half edits, so that a difference in case can count for less than another letter.
constexpr int whole_edit = 2;
constexpr int case_edit = 1;

std::u32string code_points(std::string_view text) {
  std::u32string result;
  for (std::uint32_t at = 0; at < text.size();) {
    const CodePoint c = decode(text, at);
    result.push_back(c.length == 0 ? U'\uFFFD' : c.value);
    at += std::max<std::uint32_t>(1, c.length);
  }
  return result;
}

char32_t lower(char32_t c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }

int replacement(char32_t a, char32_t b) {
  if (a == b) return 0;
  return lower(a) == lower(b) ? case_edit : whole_edit;
}

int distance(const std::u32string& a, const std::u32string& b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> table((a.size() + 1) * width);
  const auto cell = [&](std::size_t i, std::size_t j) -> int& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) cell(i, 0) = static_cast<int>(i) * whole_edit;
  for (std::size_t j = 0; j <= b.size(); ++j) cell(0, j) = static_cast<int>(j) * whole_edit;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      int best = std::min(cell(i - 1, j), cell(i, j - 1)) + whole_edit;
      best = std::min(best, cell(i - 1, j - 1) + replacement(a[i - 1], b[j - 1]));
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        const int cases = replacement(a[i - 1], b[j - 2]) + replacement(a[i - 2], b[j - 1]);
        best = std::min(best, cell(i - 2, j - 2) + whole_edit + std::min(cases, case_edit));
      }
      cell(i, j) = best;
    }
  }
  return cell(a.size(), b.size());
}

// One slip in a short name, one in three letters of a long one, and a difference in case besides. A name of
// one or two letters has neighbours everywhere, so there only the case may differ.
int allowed_distance(std::size_t length) {
  if (length <= 2) return case_edit;
  return whole_edit * std::max(1, static_cast<int>(length) / 3) + case_edit;
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest = 100;  // no slip: the table of distances would be quadratic in it
  const std::u32string wanted = code_points(name);
  if (wanted.size() > longest) return {};
  int best = allowed_distance(wanted.size()) + 1;
  std::string result;
  for (const std::string& candidate : candidates) {
    if (candidate == name) continue;
    const std::u32string letters = code_points(candidate);
    const auto difference = std::abs(static_cast<long>(letters.size()) - static_cast<long>(wanted.size()));
    if (difference * whole_edit >= best) continue;
    const int d = distance(wanted, letters);
    if (d < best || (d == best && !result.empty() && candidate < result)) {
      best = d;
      result = candidate;
    }
  }
  return result;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string found = nearest(name, candidates);
  return found.empty() ? std::string() : "did you mean `" + found + "`?";
}

}  // namespace elbo::lang
