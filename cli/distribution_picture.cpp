// The picture of a distribution's page. gnuplot's SVG says much twice; what says nothing is taken out, so
// that the folder of the pages stays small.
#include "cli/distribution_picture.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "cli/distribution_facts.hpp"
#include "cli/distribution_page.hpp"
#include "stdlib/plots/gnuplot.hpp"

namespace elbo::cli {
namespace {

namespace fs = std::filesystem;
using runtime::Distribution;

/// A script that draws the densities at the first test points.
std::string script_of(const Distribution& distribution, const std::string& file) {
  constexpr std::size_t most = 2;  // panels
  const std::vector<TestPoint> points = test_points(distribution);
  // Heavy tails are cut off: the range holds 96 of 100 draws.
  std::string script = is_discrete(distribution)
                           ? "fn panel(d, title) {\n"
                             "  let x = sample(d, 4000, seed = 1)\n"
                             "  let at = to_int(min(x)):to_int(max(x))\n"
                             "  scatter(at, exp(log_density(d, at)), hline = 0, title = title)\n"
                             "}\n"
                           : "fn panel(d, title) {\n"
                             "  let ends = quantile(sample(d, 4000, seed = 1), [0.02, 0.98])\n"
                             "  let x = linspace(ends[1], ends[2], 81)\n"
                             "  plot(exp(log_density(d, x)), at = x, hline = 0, title = title)\n"
                             "}\n";
  script += "figure([";
  for (std::size_t i = 0; i < std::min(most, points.size()); ++i) {
    const std::string& arguments = points[i].arguments;
    script += (i > 0 ? ",\n        " : "") + std::string("panel(") + distribution.name + "(" + arguments +
              "), \"" + arguments + "\")";
  }
  return script + "], file = \"" + file + "\")\n";
}

/// The same picture without groups that hold nothing, attributes that are SVG's defaults, and the font of
/// every label, which the root gives to all.
std::string slim(std::string svg) {
  static const std::regex empty_group("<g [^>]*>\\s*</g>"),
      defaults(" stroke-linecap=\"butt\" stroke-linejoin=\"miter\""),
      font(" (font-family=\"[^\"]*\" font-size=\"[^\"]*\")"), space("\\s*\n\\s*");
  for (std::size_t before = 0; before != svg.size();) {
    before = svg.size();
    svg = std::regex_replace(svg, empty_group, "");
  }
  svg = std::regex_replace(svg, defaults, "");
  std::smatch first;
  const std::string attributes = std::regex_search(svg, first, font) ? first[1].str() : "";
  svg = std::regex_replace(svg, font, "");
  svg = std::regex_replace(svg, space, "\n");
  const std::string root = "<svg";
  const std::size_t at = svg.find(root);
  if (at != std::string::npos) svg.insert(at + root.size(), " " + attributes);
  return svg;
}

}  // namespace

bool has_picture(const Distribution& distribution) {
  return distribution.event_rank == 0 && !test_points(distribution).empty();
}

std::string picture_name(const Distribution& distribution) { return "images/" + distribution.name + ".svg"; }

void draw_picture(const Distribution& distribution, const std::string& folder,
                  const runtime::Library& library) {
  const fs::path picture = fs::path(folder) / picture_name(distribution);
  if (!has_picture(distribution) || fs::exists(picture) || !stdlib::has_gnuplot()) return;
  output_of(script_of(distribution, picture.filename().string()), distribution.name, library,
            picture.parent_path().string());
  std::ostringstream text;
  text << std::ifstream(picture, std::ios::binary).rdbuf();
  std::ofstream(picture, std::ios::binary) << slim(text.str());
}

}  // namespace elbo::cli
