// The reference page of a distribution, in Markdown, from its record; and the table of all pages.
#pragma once

#include <string>

#include "runtime/library.hpp"

namespace elbo::cli {

/// "Gamma.md".
std::string page_name(const runtime::Distribution& distribution);

/// Runs the record's example, whose output the page shows; Failure "example-failed" with its messages when it
/// does not run through, or prints nothing.
std::string distribution_page(const runtime::Distribution& distribution, const runtime::Library& library);

/// Of the folder: a row per distribution.
std::string distribution_index(const runtime::Library& library);

/// What a script prints; Failure "example-failed" with its messages when it does not run through.
std::string output_of(const std::string& script, const std::string& name, const runtime::Library& library,
                      const std::string& output_folder = {});

}  // namespace elbo::cli
