// The picture of a distribution's page: its densities at some test points, drawn by a script with the
// language's own plots.
#pragma once

#include <string>

#include "runtime/library.hpp"

namespace elbo::cli {

/// Vectors have none: no curve shows their densities.
bool has_picture(const runtime::Distribution& distribution);

/// "images/Gamma.svg", in the folder of the pages.
std::string picture_name(const runtime::Distribution& distribution);

/// Draws it into the folder of the pages. It depends on the version of gnuplot, so that one that is there
/// stays.
void draw_picture(const runtime::Distribution& distribution, const std::string& folder,
                  const runtime::Library& library);

}  // namespace elbo::cli
