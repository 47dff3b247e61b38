// From a path to a checked script, and diagnostics to text: the part that run, check and dump share.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "lang/check.hpp"
#include "lang/diagnostic.hpp"
#include "lang/source.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::cli {

/// The text of a script; nothing, with a diagnostic, when it cannot be read (missing, a folder, no
/// permission).
lang::SourcePtr read_script(const std::string& path, lang::Diagnostics& diagnostics);

/// The values that --set gives, each computed as an expression of the language on its own.
std::optional<std::vector<std::pair<std::string, runtime::Value>>> evaluate_definitions(
    const Definitions& definitions, const runtime::Library& library, lang::Diagnostics& diagnostics);

/// Parses and checks a script. A name that --set defines and the script never reads is a mistake too.
std::optional<lang::CheckedScript> load_script(const std::string& path, const Definitions& definitions,
                                               const runtime::Library& library,
                                               lang::Diagnostics& diagnostics);

/// Folders in which a script's files are looked for: its own, then those of ELBO_DATA (separated by colons).
std::vector<std::string> search_path(const std::string& script);

/// Writes the diagnostics and returns the exit code they call for.
ExitCode report(const lang::Diagnostics& diagnostics, const Terminal& terminal);

}  // namespace elbo::cli
