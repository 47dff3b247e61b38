// Plots: their gnuplot script as text, and pictures where gnuplot is installed.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

#include "functions_script.hpp"
#include "stdlib/plots/bins.hpp"
#include "stdlib/plots/gnuplot.hpp"

using namespace elbo;
using test::error_of;
using test::run_script;
using test::ScriptRun;
using test::TemporaryFolder;

namespace {

/// The gnuplot script of a plot expression.
std::string script_of(const std::string& expression, stdlib::Terminal terminal = stdlib::Terminal::svg) {
  const ScriptRun run = run_script("let p = " + expression + "\np");
  INFO(run.message);
  REQUIRE(run.value);
  const auto* object = run.value->as<runtime::ObjectPtr>();
  REQUIRE(object != nullptr);
  const auto* plot = dynamic_cast<const stdlib::Plot*>(object->get());
  REQUIRE(plot != nullptr);
  return gnuplot_script(*plot, terminal);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Runs with PATH empty, as on a machine without gnuplot.
class WithoutPrograms {
 public:
  WithoutPrograms() : path_(std::getenv("PATH")) { ::setenv("PATH", "/nonexistent", 1); }
  ~WithoutPrograms() { ::setenv("PATH", path_.c_str(), 1); }

 private:
  std::string path_;
};

bool skipped_without_gnuplot() {
  if (stdlib::has_gnuplot()) return false;
  WARN("skipped: gnuplot is not installed");
  return true;
}

}  // namespace

TEST_CASE("the script of a plot holds its data, labels and lines") {
  const std::string script = script_of(
      "plot([1, 4, 9], [2, 3], labels = [\"a\", \"b\"], hline = 5, vline = [1.5, 2], x = \"step\", y = "
      "\"ELBO\", "
      "title = \"T\", log_y = true)");
  CHECK(contains(script, "$p1s1 << EOD\n1 1\n2 4\n3 9\nEOD\n"));
  CHECK(contains(script, "$p1s2 << EOD\n1 2\n2 3\nEOD\n"));
  CHECK(contains(script, "set title 'T'\n"));
  CHECK(contains(script, "set xlabel 'step'\n"));
  CHECK(contains(script, "set ylabel 'ELBO'\n"));
  CHECK(contains(script, "set logscale y\n"));
  CHECK(contains(script, "unset logscale x\n"));
  CHECK(contains(script, "title 'a'"));
  CHECK(contains(script, "title 'b'"));
  // curves that end high, and curves that end low
  CHECK(contains(script, "set key bottom right\n"));
  CHECK(contains(script_of("plot([9, 4, 1], [3, 2, 1], labels = [\"a\", \"b\"])"), "set key top right\n"));
  CHECK(contains(script, "\n     5 with lines"));
  CHECK(contains(script, "set arrow from first 1.5, graph 0 to first 1.5, graph 1 nohead"));
  CHECK(contains(script_of("plot([1, 2], labels = \"only\")"), "unset key\n"));
  CHECK(contains(script_of("plot([5, 6], at = [0.5, 2])"), "0.5 5\n2 6\n"));
  CHECK(contains(script_of("scatter([1, 2], [3, 4])"), "1 3\n2 4\n"));
}

TEST_CASE("text cannot become gnuplot commands") {
  const std::string script =
      script_of("plot([1, 2], title = \"it's `date`\\nset output 'x'\\nsystem('id')\")");
  CHECK(contains(script, "set title 'it''s `date` set output ''x'' system(''id'')'\n"));
}

TEST_CASE("numbers that are not finite leave gaps; logarithmic axes leave out what has no logarithm") {
  CHECK(contains(script_of("plot([1, nan, inf, 4])"), "1 1\n\n4 4\n"));
  CHECK(contains(script_of("scatter([1, 2], [nan, 4])"), "<< EOD\n2 4\nEOD"));
  CHECK(contains(script_of("plot([0, -1, 10], log_y = true)"), "3 10\n"));
  CHECK(error_of("plot([0, -1], log_y = true)") == "plot-empty");
  CHECK(contains(script_of("plot([7, 7])"), "set yrange [6.3:7.7]"));
}

TEST_CASE("mistakes in plots") {
  CHECK(error_of("plot()") == "plot-empty");
  CHECK(error_of("plot(zeros(0))") == "plot-empty");
  CHECK(error_of("plot([nan, inf])") == "plot-empty");
  CHECK(error_of("hist(zeros(0))") == "plot-empty");
  CHECK(error_of("figure([])") != "");
  CHECK(error_of("plot([1, 2], at = [1])") == "shape-mismatch");
  CHECK(error_of("plot([1, 2], labels = [\"a\", \"b\"])") == "plot-labels");
  CHECK(error_of("plot(zeros([2, 2]))") == "wrong-type");
  CHECK(error_of("plot(\"a\")") == "wrong-type");
  CHECK(error_of("scatter([1, 2])") == "bad-argument");
  CHECK(error_of("scatter([1, 2], [1])") == "shape-mismatch");
  CHECK(error_of("plot([1], file = \"a.bmp\")") == "plot-format");
  CHECK(error_of("figure([1, 2])") == "wrong-type");
  CHECK(error_of("hist([1, 2], bins = 0)") == "bad-argument");
}

TEST_CASE("bins of histograms") {
  using stdlib::choose_bins;
  using stdlib::fill_bins;
  const auto given = choose_bins({{0, 1, 2, 10}}, 5);
  CHECK(given.start == 0);
  CHECK(given.width == 2);
  CHECK(fill_bins(given, {0, 1, 2, 10}) == std::vector<double>{2, 1, 0, 0, 1});
  const auto whole = choose_bins({{3, 1, 1}, {4}}, std::nullopt);
  CHECK(whole.start == 0.5);
  CHECK(whole.width == 1);
  CHECK(fill_bins(whole, {3, 1, 1}) == std::vector<double>{2, 0, 1, 0});
  CHECK(choose_bins({{2.5, 2.5}}, std::nullopt).count == 1);
  CHECK(choose_bins({{0.1, 0.1}, {0.9}}, std::nullopt).count >= 1);
  std::vector<double> sample;
  for (int i = 0; i < 1000; ++i) sample.push_back(std::tan(3.14 * (i / 999.0 - 0.5)));  // heavy tails
  const auto wide = choose_bins({sample}, std::nullopt);
  CHECK(wide.count <= 500);
  double total = 0;
  for (const double n : fill_bins(wide, sample)) total += n;
  CHECK(total == 1000);
  const std::string script = script_of("hist([1.5, 2.5, 2.6], bins = 2, density = true)");
  CHECK(contains(script, "set ylabel 'density'"));
  CHECK(contains(script, "set yrange [0:*]"));
}

TEST_CASE("a plot that stands as a statement goes to --out, numbered; others are not drawn") {
  if (skipped_without_gnuplot()) return;
  const TemporaryFolder folder;
  runtime::Settings settings;
  settings.output_folder = folder.path();
  settings.script_name = "demo";
  const ScriptRun run = run_script(
      "plot([1, 2, 4])\nlet kept = plot([1, 2])\nfor i in 1:2 { hist([1.0, 2.5, i]) }\n"
      "figure([plot([1, 2]), plot([3, 4])], rows = 2)\nplot([1, 2], file = \"named.png\")\n"
      "if true { plot([2, 1]) }",
      settings);
  INFO(run.message);
  REQUIRE(run.value);
  CHECK(folder.names() == std::vector<std::string>{"demo-plot-1.svg", "demo-plot-2.svg", "demo-plot-3.svg",
                                                   "demo-plot-4.svg", "demo-plot-5.svg", "named.png"});
  CHECK(contains(folder.read("demo-plot-1.svg"), "</svg>"));
  CHECK(folder.read("named.png").substr(1, 3) == "PNG");
}

TEST_CASE("all kinds of files and plots can be drawn") {
  if (skipped_without_gnuplot()) return;
  const TemporaryFolder folder;
  runtime::Settings settings;
  settings.output_folder = folder.path();
  const std::string evil = "title = \"<&>'`\\\\ {x}_1\", x = \"μ\"";
  const ScriptRun run = run_script(
      "let y = sample(Normal(0, 1), 10_000, seed = 1)\n"
      "plot(y, cumsum(y), hline = 0, vline = 500, labels = [\"a_b\", \"c\"], " +
          evil +
          ", file = \"a.svg\")\n"
          "hist(y, y + 2, labels = [\"1\", \"2\"], file = \"a.pdf\")\n"
          "scatter(y[1:50], y[51:100], log_x = true, file = \"a.txt\")\n"
          "plot([5], file = \"one.svg\")\n plot(exp(y), log_y = true, file = \"log.svg\")\n"
          "figure([plot(y), hist(y), scatter(y, y), plot([1, nan, 3])], rows = 2, file = \"a.png\")",
      settings);
  INFO(run.message);
  REQUIRE(run.value);
  CHECK(folder.names() == std::vector<std::string>{"a.pdf", "a.png", "a.svg", "a.txt", "log.svg", "one.svg"});
  CHECK(folder.read("a.pdf").substr(0, 4) == "%PDF");
  CHECK(contains(folder.read("a.svg"), "&lt;&amp;>'"));
}

TEST_CASE("on a terminal a plot is text; otherwise, without --out, nothing is drawn") {
  if (skipped_without_gnuplot()) return;
  runtime::Settings settings;
  CHECK(run_script("plot([1, 2])", settings).out.empty());
  settings.interactive = true;
  const std::string out = run_script("plot([1, 2], title = \"rising\")", settings).out;
  CHECK(contains(out, "rising"));
  CHECK(contains(out, "|"));
}

TEST_CASE("without gnuplot one warning is given and the script goes on") {
  const TemporaryFolder folder;
  runtime::Settings settings;
  settings.output_folder = folder.path();
  settings.script_name = "demo";
  const WithoutPrograms nowhere;
  const ScriptRun run = run_script("plot([1, 2])\nplot([1, 2], file = \"a.svg\")\nprint(\"on\")", settings);
  CHECK(run.out == "on\n");
  const std::size_t first = run.log.find("gnuplot-missing");
  CHECK(first != std::string::npos);
  CHECK(run.log.find("gnuplot-missing", first + 1) == std::string::npos);
  CHECK(contains(run.log, "apt-get install gnuplot-nox"));
  CHECK(folder.names().empty());
}
