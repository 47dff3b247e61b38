// plot, scatter, hist and figure: their arguments become panels; what happens to the plot is decided here
// too.
#include "stdlib/plots/functions.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/files/atomic_file.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/plots/bins.hpp"
#include "stdlib/plots/gnuplot.hpp"
#include "stdlib/plots/plot.hpp"

namespace elbo::stdlib {

std::string Plot::show() const {
  return panels_.size() == 1 ? "plot" : "figure of " + std::to_string(panels_.size()) + " plots";
}

bool Plot::present(Interpreter& interpreter) const {
  if (!file_.empty()) return false;  // drawn when it was made
  const runtime::Settings& settings = interpreter.settings();
  if (!settings.output_folder.empty()) {
    const std::string number = std::to_string(interpreter.next_plot());
    draw_to_file(interpreter, *this,
                 output_path(interpreter, settings.script_name + "-plot-" + number + ".svg"));
  } else if (settings.interactive && !settings.quiet) {
    draw_as_text(interpreter, *this);
  }
  return false;
}

namespace {

constexpr const char* category = "plots";

// ---- options that all plots share
// ------------------------------------------------------------------------------

/// Position of a named option among the parameters: every signature of this file lists these first, in this
/// order.
enum Option : std::size_t { labels, hline, vline, x_label, y_label, title, file, log_x, log_y, option_count };

const std::string shared_options =
    "labels = none, hline = none, vline = none, x = none, y = none, title = none, file = none, log_x = "
    "false, "
    "log_y = false";

std::string text_option(const Arguments& a, std::size_t i, const char* name) {
  return is_given(a, i) ? string_argument(a, i, name) : "";
}

std::vector<double> vector_of(const Value& value, const lang::Span& span, const char* name) {
  const Value number = numeric_value(value, span, name);
  if (symbol(number) != nullptr) wrong_type(name, "data: a plot cannot show random variables", value, span);
  const Tensor tensor = to_tensor(number);
  if (tensor.rank() > 1) {
    wrong_type(name, "a vector", value, span, "give the columns of a matrix one by one, as in x[:, 1]");
  }
  return tensor.reals();
}

std::vector<double> lines_option(const Arguments& a, std::size_t i, const char* name) {
  return is_given(a, i) ? vector_of(a.values[i], a.spans[i], name) : std::vector<double>{};
}

/// One label per series.
std::vector<std::string> labels_option(const Arguments& a, std::size_t count) {
  std::vector<std::string> result;
  if (a.values[labels].is<std::string>()) result.push_back(*a.values[labels].as<std::string>());
  if (const auto* list = a.values[labels].as<ListPtr>()) {
    for (const Value& item : **list) {
      if (!item.is<std::string>())
        wrong_type("labels", "a list of strings", a.values[labels], a.spans[labels]);
      result.push_back(*item.as<std::string>());
    }
  } else if (result.empty()) {
    wrong_type("labels", "a list of strings", a.values[labels], a.spans[labels]);
  }
  if (result.size() != count) {
    fail("plot-labels",
         "there are " + std::to_string(result.size()) + " labels for " + std::to_string(count) + " series",
         a.spans[labels]);
  }
  return result;
}

Panel panel_with_options(const Arguments& a, std::vector<Series> series) {
  Panel panel;
  if (is_given(a, labels)) {
    const std::vector<std::string> names = labels_option(a, series.size());
    for (std::size_t i = 0; i < series.size(); ++i) series[i].label = names[i];
  }
  panel.series = std::move(series);
  panel.horizontal_lines = lines_option(a, hline, "hline");
  panel.vertical_lines = lines_option(a, vline, "vline");
  panel.x_label = text_option(a, x_label, "x");
  panel.y_label = text_option(a, y_label, "y");
  panel.title = text_option(a, title, "title");
  panel.log_x = is_given(a, log_x) && boolean_argument(a, log_x, "log_x");
  panel.log_y = is_given(a, log_y) && boolean_argument(a, log_y, "log_y");
  return panel;
}

/// On a logarithmic axis only positive numbers have a place; a panel must have some point left.
void require_points(Panel& panel, const lang::Span& span) {
  bool any = false;
  for (Series& series : panel.series) {
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (panel.log_x && series.x[i] <= 0) series.x[i] = std::nan("");
      if (panel.log_y && series.y[i] <= 0 && series.mark != Mark::bars) series.y[i] = std::nan("");
      any = any || (std::isfinite(series.x[i]) && std::isfinite(series.y[i]));
    }
  }
  if (any) return;
  const bool logarithmic = panel.log_x || panel.log_y;
  fail("plot-empty",
       logarithmic ? "there is nothing to plot: no finite number that a logarithmic axis can show"
                   : "there is nothing to plot: no finite number",
       span);
}

/// The plot as a value; drawn now when it names a file.
Value finished(Interpreter& interpreter, const Arguments& a, std::vector<Panel> panels, std::size_t rows,
               std::size_t file_option) {
  const std::string name = text_option(a, file_option, "file");
  if (!name.empty()) terminal_of(name, a.spans[file_option]);  // refuse a bad name before any work
  const auto plot = std::make_shared<const Plot>(std::move(panels), rows, name, a.span);
  if (!name.empty()) draw_to_file(interpreter, *plot, output_path(interpreter, name));
  return runtime::ObjectPtr(plot);
}

Value finished(Interpreter& interpreter, const Arguments& a, Panel panel) {
  require_points(panel, a.span);
  return finished(interpreter, a, {std::move(panel)}, 1, file);
}

void require_series(const Arguments& a, const char* name) {
  if (a.rest.empty()) fail("plot-empty", std::string("`") + name + "` needs something to plot", a.span);
}

// ---- the functions
// ---------------------------------------------------------------------------------------------

Series series_of(const Arguments& a, std::size_t i, std::size_t at) {
  Series one;
  one.y = vector_of(a.rest[i], a.rest_spans[i], "y");
  if (is_given(a, at)) {
    one.x = vector_of(a.values[at], a.spans[at], "at");
    if (one.x.size() != one.y.size()) {
      fail("shape-mismatch",
           "`at` has " + std::to_string(one.x.size()) + " positions for a series of " +
               std::to_string(one.y.size()) + " values",
           a.spans[at]);
    }
  } else {
    for (std::size_t k = 1; k <= one.y.size(); ++k) one.x.push_back(static_cast<double>(k));
  }
  return one;
}

/// What an object offers to be drawn; nothing for any other value.
std::optional<runtime::Curves> curves_of(const Value& value) {
  const auto* object = value.as<runtime::ObjectPtr>();
  return object == nullptr ? std::nullopt : (*object)->curves();
}

Value plot(Interpreter& interpreter, const Arguments& a) {
  require_series(a, "plot");
  constexpr std::size_t at = option_count;
  std::vector<Series> series;
  runtime::Curves offered;  // by the last object
  for (std::size_t i = 0; i < a.rest.size(); ++i) {
    std::optional<runtime::Curves> of_object = curves_of(a.rest[i]);
    if (!of_object) {
      series.push_back(series_of(a, i, at));
      continue;
    }
    if (is_given(a, at)) {
      fail("bad-argument",
           "a " + runtime::type_name(a.rest[i]) + " has positions of its own: `at` is for vectors",
           a.spans[at]);
    }
    for (runtime::Curve& curve : of_object->curves)
      series.push_back({.x = std::move(curve.x), .y = std::move(curve.y), .label = std::move(curve.label)});
    offered = std::move(*of_object);
  }
  Panel panel = panel_with_options(a, std::move(series));
  if (panel.x_label.empty()) panel.x_label = offered.x_label;
  if (panel.y_label.empty()) panel.y_label = offered.y_label;
  if (!is_given(a, log_x)) panel.log_x = offered.log_x;
  return finished(interpreter, a, std::move(panel));
}

Value scatter(Interpreter& interpreter, const Arguments& a) {
  require_series(a, "scatter");
  if (a.rest.size() % 2 != 0) {
    fail("bad-argument", "`scatter` takes pairs: the x and the y of every cloud of points", a.span,
         "write scatter(x, y), or plot(y) for values in order");
  }
  std::vector<Series> series;
  for (std::size_t i = 0; i < a.rest.size(); i += 2) {
    Series one;
    one.mark = Mark::points;
    one.x = vector_of(a.rest[i], a.rest_spans[i], "x");
    one.y = vector_of(a.rest[i + 1], a.rest_spans[i + 1], "y");
    if (one.x.size() != one.y.size()) {
      fail(
          "shape-mismatch",
          "the points have " + std::to_string(one.x.size()) + " x and " + std::to_string(one.y.size()) + " y",
          a.rest_spans[i + 1]);
    }
    series.push_back(std::move(one));
  }
  return finished(interpreter, a, panel_with_options(a, std::move(series)));
}

Value hist(Interpreter& interpreter, const Arguments& a) {
  require_series(a, "hist");
  constexpr std::size_t bins_option = option_count, density_option = option_count + 1;
  std::vector<std::vector<double>> samples;
  for (std::size_t i = 0; i < a.rest.size(); ++i)
    samples.push_back(vector_of(a.rest[i], a.rest_spans[i], "x"));
  std::optional<std::size_t> count;
  if (is_given(a, bins_option)) {
    count = static_cast<std::size_t>(size_argument(a, bins_option, "bins", 1));
    constexpr std::size_t most = 10'000;  // more than a picture has columns of pixels
    if (*count > most) fail("bad-argument", "`bins` must be at most 10000", a.spans[bins_option]);
  }
  const bool density = is_given(a, density_option) && boolean_argument(a, density_option, "density");
  const Bins bins = choose_bins(samples, count);
  std::vector<Series> series;
  for (const std::vector<double>& sample : samples) {
    Series one;
    one.mark = Mark::bars;
    one.bar_width = bins.width;
    const auto finite =
        std::count_if(sample.begin(), sample.end(), [](double v) { return std::isfinite(v); });
    if (finite > 0) one.y = fill_bins(bins, sample);
    for (std::size_t k = 0; k < one.y.size(); ++k) {
      one.x.push_back(bins.start + (static_cast<double>(k) + 0.5) * bins.width);
      if (density) one.y[k] /= static_cast<double>(finite) * bins.width;
    }
    series.push_back(std::move(one));
  }
  Panel panel = panel_with_options(a, std::move(series));
  panel.from_zero = true;
  if (panel.y_label.empty()) panel.y_label = density ? "density" : "count";
  return finished(interpreter, a, std::move(panel));
}

/// The plots of a figure, which is one list or several arguments.
std::vector<Panel> panels_argument(const Arguments& a) {
  const auto* list = a.values[0].as<ListPtr>();
  if (list == nullptr)
    wrong_type("plots", "a list of plots", a.values[0], a.spans[0], "write figure([plot(y), hist(y)])");
  std::vector<Panel> panels;
  for (const Value& item : **list) {
    const auto* object = item.as<runtime::ObjectPtr>();
    const auto* plot = object == nullptr ? nullptr : dynamic_cast<const Plot*>(object->get());
    if (plot == nullptr) {
      const bool picture = object != nullptr && (*object)->type_name() == "picture";
      wrong_type(
          "plots", "a list of plots", item, a.spans[0],
          picture ? "a figure has axes; a picture of pixels stands alone: image(x, file = \"x.png\")" : "");
    }
    panels.insert(panels.end(), plot->panels().begin(), plot->panels().end());
  }
  if (panels.empty()) fail("plot-empty", "a figure needs at least one plot", a.spans[0]);
  return panels;
}

Value figure(Interpreter& interpreter, const Arguments& a) {
  std::vector<Panel> panels = panels_argument(a);
  const auto rows =
      is_given(a, 1) ? static_cast<std::size_t>(size_argument(a, 1, "rows", 1)) : std::size_t{1};
  return finished(interpreter, a, std::move(panels), std::min(rows, panels_argument(a).size()), 2);
}

}  // namespace

std::vector<Function> plot_functions() {
  return {
      {"plot", "plot(..., *, " + shared_options + ", at = none)",
       "Curves through the values of vectors, over their index or `at`; hline and vline add lines, file = "
       "draws into an "
       ".svg, .png, .pdf or .txt — e.g. plot(fit.elbo, x = \"step\", y = \"ELBO\")",
       category, plot},
      {"scatter", "scatter(..., *, " + shared_options + ")",
       "Points, given as one or more pairs of vectors — e.g. scatter(d.height, d.weight, x = \"height\", y = "
       "\"weight\")",
       category, scatter},
      {"hist", "hist(..., *, " + shared_options + ", bins = none, density = false)",
       "Histograms of one or more vectors in common bins, as counts or as a density — e.g. hist(x, bins = "
       "20, title = "
       "\"Data\")",
       category, hist},
      {"figure", "figure(plots, *, rows = 1, file = none)",
       "Several plots on one page, row by row — e.g. figure([plot(a), plot(b)], rows = 2, file = "
       "\"both.svg\")",
       category, figure},
  };
}

}  // namespace elbo::stdlib
