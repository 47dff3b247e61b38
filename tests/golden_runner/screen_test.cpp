// Escape codes to what a person would see.
#include <catch2/catch.hpp>

#include "tests/golden/terminal/screen.hpp"

using elbo::golden::Screen;

namespace {

std::string shown(const std::string& bytes, std::size_t columns = 80) {
  Screen screen(columns);
  for (const char byte : bytes) screen.feed(std::string(1, byte));  // however the bytes are cut
  return screen.text();
}

}  // namespace

TEST_CASE("lines and returns") {
  CHECK(shown("one\r\ntwo\r\n") == "one\ntwo\n");
  CHECK(shown("one\rT") == "Tne\n");
  CHECK(shown("abc\b\bX") == "aXc\n");
  CHECK(shown("") == "");
}

TEST_CASE("a full line wraps when the next character comes") {
  CHECK(shown("abcdef", 4) == "abcd\nef\n");
  CHECK(shown("abcd\r\nef", 4) == "abcd\nef\n");
  CHECK(shown("αβγδε", 4) == "αβγδ\nε\n");
}

TEST_CASE("erasing") {
  CHECK(shown("abcdef\r\x1b[3C\x1b[K") == "abc\n");
  CHECK(shown("one\r\ntwo\r\nsix\x1b[2A\r\x1b[J") == "");
  CHECK(shown("abc\x1b[2K") == "");
}

TEST_CASE("moving, inserting and deleting") {
  CHECK(shown("abc\x1b[2DX") == "aXc\n");
  CHECK(shown("abc\r\n\x1b[A\x1b[CX") == "aXc\n");
  CHECK(shown("abc\r\x1b[2@") == "  abc\n");
  CHECK(shown("abc\r\x1b[2P") == "c\n");
}

TEST_CASE("colours and character sets are not seen") {
  CHECK(shown("\x1b[1;31mred\x1b[0m\x1b(B") == "red\n");
}
