// A picture as data: panels of series, independent of how it is drawn.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/value.hpp"

namespace elbo::runtime {
class Interpreter;
}

namespace elbo::stdlib {

/// How the points of a series are drawn.
enum class Mark { line, points, bars };

struct Series {
  std::vector<double> x, y;  ///< of equal length; points with a NaN or infinite coordinate are left out
  std::string label;         ///< empty: not in the legend
  Mark mark = Mark::line;
  double bar_width = 0;  ///< of bars, in units of x
};

/// One pair of axes.
struct Panel {
  std::vector<Series> series;
  std::vector<double> horizontal_lines, vertical_lines;
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;
  bool from_zero = false;  ///< the y axis begins at 0 (bars)
};

/// What `plot`, `hist`, `scatter` and `figure` return: drawn when it stands as a statement, or at once into
/// `file`.
class Plot : public runtime::Object {
 public:
  Plot(std::vector<Panel> panels, std::size_t rows, std::string file, lang::Span span)
      : panels_(std::move(panels)), rows_(rows), file_(std::move(file)), span_(std::move(span)) {}

  std::string type_name() const override { return "plot"; }
  std::string show() const override;
  /// Draws a plot without a file: into --out, or as text on a terminal; else nothing.
  bool present(runtime::Interpreter& interpreter) const override;

  const std::vector<Panel>& panels() const { return panels_; }
  std::size_t rows() const { return rows_; }
  const std::string& file() const { return file_; }
  const lang::Span& span() const { return span_; }

 private:
  std::vector<Panel> panels_;
  std::size_t rows_;
  std::string file_;
  lang::Span span_;
};

}  // namespace elbo::stdlib
