// Reads the project's own files.
#include "tests/project/source_files.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace elbo::tests {

std::vector<SourceFile> source_files(const std::string& folder, const std::vector<std::string>& extensions) {
  const std::filesystem::path root(ELBO_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension().string();
    if (std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    files.push_back({std::filesystem::relative(entry.path(), root).generic_string(), text.str()});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace elbo::tests
