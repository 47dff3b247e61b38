// Bins of a histogram.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace elbo::stdlib {

/// Equal bins: bin i is [start + i width, start + (i + 1) width), the last one closed.
struct Bins {
  double start = 0;
  double width = 1;
  std::size_t count = 1;
};

/// Bins that hold all finite values of the samples: `count` of them, or as many as the data suggest: the
/// width is the smaller of Sturges' and Freedman and Diaconis' (1981), as in NumPy, rounded to a number that
/// reads well; whole numbers over a short range get one bin each.
Bins choose_bins(const std::vector<std::vector<double>>& samples, std::optional<std::size_t> count);

/// How many finite values lie in each bin.
std::vector<double> fill_bins(const Bins& bins, const std::vector<double>& sample);

}  // namespace elbo::stdlib
