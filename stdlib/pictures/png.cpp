// libpng's simplified interface: nothing in the file but the pixels, no time and no name of a program.
#include "stdlib/pictures/png.hpp"

#include <png.h>

#include <new>

#include "lang/diagnostic.hpp"

namespace elbo::stdlib {

std::string png_bytes(const Pixels& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(pixels.width);
  image.height = static_cast<png_uint_32>(pixels.height);
  image.format = pixels.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  // No colour space is recorded: levels are what the script made them.
  image.flags = PNG_IMAGE_FLAG_COLORSPACE_NOT_sRGB;
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.levels.data(), 0, nullptr) == 0) {
    const std::string reason = image.message;
    png_image_free(&image);
    throw lang::InternalError("libpng cannot write a picture: " + reason);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace elbo::stdlib
