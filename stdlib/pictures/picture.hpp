// What `image` and `image_grid` return: a picture of pixels, drawn when it stands as a statement.
#pragma once

#include <string>
#include <vector>

#include "lang/source.hpp"
#include "runtime/library.hpp"
#include "stdlib/pictures/pixels.hpp"

namespace elbo::stdlib {

class Picture : public runtime::Object {
 public:
  Picture(Pixels pixels, std::string file, lang::Span span)
      : pixels_(std::move(pixels)), file_(std::move(file)), span_(std::move(span)) {}

  std::string type_name() const override { return "picture"; }
  std::string show() const override;
  /// Draws a picture without a file: into --out, or as text on a terminal; else nothing.
  bool present(runtime::Interpreter& interpreter) const override;

  const Pixels& pixels() const { return pixels_; }

 private:
  Pixels pixels_;
  std::string file_;
  lang::Span span_;
};

std::vector<runtime::Function> picture_functions();

}  // namespace elbo::stdlib
