// What `summary(fit)` prints: facts of the run, a table of the posterior, warnings. Plain data in, text out.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "runtime/tensor.hpp"

namespace elbo::inference {

// ---- tables
// ---------------------------------------------------------------------------------------------------

/// A table of text: the first column is set left, the others right. Cells are counted in characters (UTF-8),
/// and a row may be shorter than the heading.
struct Table {
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;
};

/// Lines of the table, two spaces between columns, none at the ends of lines. Empty for a table without
/// columns.
std::string text(const Table& table);

/// A number with `digits` significant digits, zeros at the end included, so that columns line up: "0.8900",
/// "12.30",
/// "-0.001250", "1.235e-07", "123456" (whole numbers below 10^7 are written out), "nan", "inf".
std::string significant(double value, int digits = 4);

/// A duration with 3 digits: "12.3 µs", "4.56 ms", "78.9 s".
std::string time_text(double seconds);

// ---- the summary of a fit
// ---------------------------------------------------------------------------------------

/// One number of the posterior. Quantiles are those of draws.
struct PosteriorNumbers {
  double mean;
  double sd = 0, q05 = 0, median = 0, q95 = 0;  ///< not shown of a point estimate
};

/// Of a variable with more elements only the first ones are shown: one fewer than this, and how many more
/// there are.
constexpr std::int64_t most_shown_elements = 21;

/// A variable of the model: one entry per element that is shown or more, in row-major order (one entry for a
/// scalar).
struct PosteriorVariable {
  std::string name;
  runtime::Shape shape;
  std::vector<PosteriorNumbers> elements;
  bool is_point = false;  ///< a parameter of the model: one value without a spread
};

struct FitSummary {
  std::string method;     ///< "bbvi(samples = 30)"
  std::string model;      ///< "normal_gamma"; empty: not shown
  std::string guide;      ///< empty: not shown
  std::string optimizer;  ///< empty: not shown
  std::int64_t steps = 0;
  double seconds = 0;
  std::string ended;  ///< "interrupted by Ctrl-C", "after max_time"; empty: as planned
  std::string objective = "ELBO";
  double value = std::numeric_limits<double>::quiet_NaN();  ///< final objective; NaN: not shown
  double standard_error = std::numeric_limits<double>::quiet_NaN();
  std::vector<PosteriorVariable> variables;
  std::vector<std::string> warnings;
};

/// Text of the summary, ending with a newline. Elements are named by 1-based indices (`theta[1]`, `L[2, 1]`);
/// of a variable with more than 21 elements the first 20 are shown, and then "… 80 more".
std::string text(const FitSummary& summary);

}  // namespace elbo::inference
