// The project's own files, for tests that read them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace elbo::tests {

struct SourceFile {
  std::string path;  ///< relative to the root, with slashes
  std::string text;
};

/// All files below `folder` (relative to the root) whose extension is one of `extensions`, sorted by path.
std::vector<SourceFile> source_files(const std::string& folder, const std::vector<std::string>& extensions);

}  // namespace elbo::tests
