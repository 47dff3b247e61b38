// Two texts, line by line.
#pragma once

#include <string>

namespace elbo::golden {

/// Lines that only `expected` has begin with "-", those that only `actual` has with "+"; common lines are
/// shown within two lines of a change. Empty when the texts are equal.
std::string difference(const std::string& expected, const std::string& actual);

}  // namespace elbo::golden
