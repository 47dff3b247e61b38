// Plots by gnuplot: the script as text (which the tests read), and running it.
#pragma once

#include <string>

#include "runtime/interpreter.hpp"
#include "stdlib/plots/plot.hpp"

namespace elbo::stdlib {

/// Kinds of output; the extension of a file names one.
enum class Terminal { svg, png, pdf, text };

/// By extension: .svg, .png, .pdf, .txt; Failure "plot-format".
Terminal terminal_of(const std::string& file, const lang::Span& span);

/// The gnuplot commands and data that draw the plot to standard output.
std::string gnuplot_script(const Plot& plot, Terminal terminal);

/// Draws into a file (whole or not at all), or onto interpreter.out() as text. Without gnuplot: a warning
/// "gnuplot-missing", once per run. Failure "plot-failed" when gnuplot reports an error.
void draw_to_file(runtime::Interpreter& interpreter, const Plot& plot, const std::string& path);
void draw_as_text(runtime::Interpreter& interpreter, const Plot& plot);

/// Whether there is a gnuplot on the PATH.
bool has_gnuplot();

}  // namespace elbo::stdlib
