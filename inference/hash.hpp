// A hash of a text that is the same everywhere and for ever, unlike std::hash.
#pragma once

#include <cstdint>
#include <string_view>

namespace elbo::inference {

/// FNV-1a of 64 bits (Fowler, Noll, Vo).
inline std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace elbo::inference
