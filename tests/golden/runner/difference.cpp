// Longest common subsequence by dynamic programming; golden outputs are short enough for its square cost.
#include "tests/golden/runner/difference.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace elbo::golden {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (!text.empty() && text.back() != '\n') lines.back() += "  (no newline at the end)";
  return lines;
}

}  // namespace

std::string difference(const std::string& expected, const std::string& actual) {
  if (expected == actual) return {};
  const std::vector<std::string> a = lines_of(expected);
  const std::vector<std::string> b = lines_of(actual);
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<std::string> rows;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      rows.push_back("  " + a[i]);
      ++i, ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      rows.push_back("- " + a[i++]);
    } else {
      rows.push_back("+ " + b[j++]);
    }
  }
  std::string text;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    constexpr std::size_t around = 2;
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(k - std::min(k, around));
    const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), k + around + 1));
    if (std::any_of(begin, end, [](const std::string& row) { return row[0] != ' '; })) text += rows[k] + "\n";
  }
  return text;
}

}  // namespace elbo::golden
