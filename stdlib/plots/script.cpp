// The gnuplot script of a plot. Text of the user only ever appears in single quotes, where gnuplot replaces
// nothing but doubled quotes, and with `noenhanced`, so that `_` and `^` are themselves.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "runtime/library.hpp"
#include "stdlib/plots/gnuplot.hpp"

namespace elbo::stdlib {

namespace {

/// Okabe and Ito's palette, which colour-blind people can tell apart.
constexpr std::array<const char*, 7> palette = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                "#E69F00", "#56B4E9", "#000000"};

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "''";
    } else {
      result +=
          static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;  // a newline would end the command
    }
  }
  return result + "'";
}

/// The shortest text that reads as the same number.
std::string number(double x) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
}

std::string terminal_line(const Plot& plot, Terminal terminal) {
  const std::size_t panels = plot.panels().size();
  const std::size_t rows = plot.rows(), columns = (panels + rows - 1) / rows;
  // One panel is 800 x 500; in a figure each gets less, so that the page stays readable.
  const std::size_t width = columns == 1 ? 800 : 560 * columns;
  const std::size_t height = rows == 1 ? (columns == 1 ? 500 : 380) : 300 * rows;
  const std::string size = std::to_string(width) + "," + std::to_string(height);
  switch (terminal) {
    case Terminal::svg:
      return "set terminal svg size " + size +
             " noenhanced background '#ffffff' font 'Helvetica,Arial,sans-serif,14'";
    case Terminal::png:
      return "set terminal pngcairo size " + size + " noenhanced font 'Sans,11'";
    case Terminal::pdf:
      return "set terminal pdfcairo size " + number(static_cast<double>(width) / 100) + "in," +
             number(static_cast<double>(height) / 100) + "in noenhanced font 'Sans,12'";
    case Terminal::text:
      return "set terminal dumb size " + std::to_string(std::min<std::size_t>(79 * columns, 158)) + "," +
             std::to_string(22 * rows) + " noenhanced";
  }
  return {};
}

bool drawable(const Series& series, std::size_t i) {
  return std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

std::string data_block(const std::string& name, const Series& series) {
  std::string text = name + " << EOD\n";
  bool gap = false;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (drawable(series, i)) {
      text += number(series.x[i]) + " " + number(series.y[i]) + "\n";
      gap = false;
    } else if (series.mark == Mark::line && !gap) {
      text += "\n";  // a blank line interrupts the curve
      gap = true;
    }
  }
  return text + "EOD\n";
}

std::string series_style(const Series& series, std::size_t index, bool several, bool text) {
  if (text)
    return series.mark == Mark::line     ? "with lines"
           : series.mark == Mark::points ? "with points"
                                         : "with boxes";
  const std::size_t n = series.x.size();
  const std::string colour = std::string(" linecolor rgb '") + palette[index % palette.size()] + "'";
  if (series.mark == Mark::bars) {
    return "with boxes" + colour + " fillstyle transparent solid " + (several ? "0.45" : "0.75") + " border";
  }
  if (series.mark == Mark::points) {
    return "with points pointtype 7 pointsize " + std::string(n > 1000 ? "0.3" : "0.6") + colour;
  }
  // Few points are marked: one alone between gaps would not be seen as a line. After seven colours the same
  // ones come back dashed.
  const std::string dashes = index >= palette.size() ? " dashtype 2" : "";
  const std::string width = std::string(" linewidth ") + (n > 2000 ? "1" : "2");
  return (n <= 50 ? "with linespoints pointtype 7 pointsize 0.5" : "with lines") + width + colour + dashes;
}

std::string axis_commands(const Panel& panel) {
  std::string text;
  text += panel.title.empty() ? "unset title\n" : "set title " + quoted(panel.title) + "\n";
  text += panel.x_label.empty() ? "unset xlabel\n" : "set xlabel " + quoted(panel.x_label) + "\n";
  text += panel.y_label.empty() ? "unset ylabel\n" : "set ylabel " + quoted(panel.y_label) + "\n";
  text += panel.log_x ? "set logscale x\n" : "unset logscale x\n";
  text += panel.log_y ? "set logscale y\n" : "unset logscale y\n";
  return text;
}

/// The values of the data in one direction, as [least, greatest], lines of reference included.
std::array<double, 2> extent(const Panel& panel, bool horizontal) {
  std::array<double, 2> range{HUGE_VAL, -HUGE_VAL};
  const auto include = [&](double v) { range = {std::min(range[0], v), std::max(range[1], v)}; };
  for (const Series& series : panel.series) {
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (drawable(series, i)) include(horizontal ? series.x[i] : series.y[i]);
    }
  }
  for (const double v : horizontal ? panel.vertical_lines : panel.horizontal_lines) include(v);
  return range;
}

/// gnuplot refuses an axis without extent: a constant series gets room around it. Its own scaling does not
/// look at vertical lines (they are arrows).
std::string range_command(const char* axis, std::array<double, 2> range, bool logarithmic, bool fixed) {
  if (range[0] == range[1]) {
    const double centre = range[0], room = centre == 0 ? 1 : 0.1 * std::abs(centre);
    range = logarithmic ? std::array{centre / 10, centre * 10} : std::array{centre - room, centre + room};
  } else if (!fixed) {
    return std::string("set ") + axis + "range [*:*]\n";
  }
  return std::string("set ") + axis + "range [" + number(range[0]) + ":" + number(range[1]) + "]\n";
}

std::string range_commands(const Panel& panel) {
  if (panel.from_zero)
    return std::string("set xrange [*:*]\nset yrange [") + (panel.log_y ? "*" : "0") + ":*]\n";
  return range_command("x", extent(panel, true), panel.log_x, !panel.vertical_lines.empty()) +
         range_command("y", extent(panel, false), panel.log_y, false);
}

/// The corner that curves which end high leave free, and the others.
std::string key_place(const Panel& panel) {
  const std::array<double, 2> range = extent(panel, false);
  double ends = 0, count = 0;
  for (const Series& series : panel.series) {
    if (series.y.empty() || !std::isfinite(series.y.back())) continue;
    ends += series.y.back();
    ++count;
  }
  return count > 0 && ends / count > (range[0] + range[1]) / 2 ? "bottom right" : "top right";
}

std::string block_name(std::size_t panel, std::size_t series) {
  return "$p" + std::to_string(panel + 1) + "s" + std::to_string(series + 1);
}

std::string panel_script(const Panel& panel, std::size_t index, bool text_terminal) {
  std::string script = axis_commands(panel) + range_commands(panel);
  std::size_t labelled = 0;
  for (std::size_t i = 0; i < panel.series.size(); ++i) {
    labelled += panel.series[i].label.empty() ? 0 : 1;
  }
  const bool several = panel.series.size() > 1;
  script += several && labelled > 0 ? "set key " + key_place(panel) + "\n" : "unset key\n";
  std::string plots;
  const auto add = [&](const std::string& item) {
    plots += (plots.empty() ? "plot " : ", \\\n     ") + item;
  };
  for (std::size_t i = 0; i < panel.series.size(); ++i) {
    const Series& series = panel.series[i];
    const std::string columns =
        series.mark == Mark::bars ? " using 1:2:(" + number(series.bar_width) + ") " : " using 1:2 ";
    add(block_name(index, i) + columns + series_style(series, i, several, text_terminal) +
        (series.label.empty() ? " notitle" : " title " + quoted(series.label)));
  }
  for (const double y : panel.horizontal_lines) {
    add(number(y) + " with lines linewidth 1 dashtype 2 linecolor rgb '#555555' notitle");
  }
  script += "unset arrow\n";
  for (const double x : panel.vertical_lines) {
    script += "set arrow from first " + number(x) + ", graph 0 to first " + number(x) +
              ", graph 1 nohead linewidth 1 dashtype 2 linecolor rgb '#555555'\n";
  }
  return script + plots + "\n";
}

}  // namespace

Terminal terminal_of(const std::string& file, const lang::Span& span) {
  struct Row {
    const char* extension;
    Terminal terminal;
  };
  constexpr std::array<Row, 4> rows{
      {{".svg", Terminal::svg}, {".png", Terminal::png}, {".pdf", Terminal::pdf}, {".txt", Terminal::text}}};
  for (const Row& row : rows) {
    if (file.ends_with(row.extension)) return row.terminal;
  }
  runtime::fail("plot-format", "a plot cannot be written as \"" + file + "\"", span,
                "end the file name in .svg, .png, .pdf or .txt");
}

std::string gnuplot_script(const Plot& plot, Terminal terminal) {
  std::string script = terminal_line(plot, terminal) + "\n";
  script += "set encoding utf8\nset samples 2\n";
  if (terminal != Terminal::text) {
    script +=
        "set grid linetype 1 linewidth 0.5 linecolor rgb '#dddddd'\n"
        "set border 3 linecolor rgb '#555555'\nset tics nomirror\n";
  }
  const std::size_t panels = plot.panels().size(), rows = plot.rows();
  for (std::size_t i = 0; i < panels; ++i) {
    const std::vector<Series>& series = plot.panels()[i].series;
    for (std::size_t j = 0; j < series.size(); ++j) script += data_block(block_name(i, j), series[j]);
  }
  if (panels > 1) {
    script += "set multiplot layout " + std::to_string(rows) + "," +
              std::to_string((panels + rows - 1) / rows) + "\n";
  }
  for (std::size_t i = 0; i < panels; ++i)
    script += panel_script(plot.panels()[i], i, terminal == Terminal::text);
  if (panels > 1) script += "unset multiplot\n";
  return script;
}

}  // namespace elbo::stdlib
