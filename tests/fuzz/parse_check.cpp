// libFuzzer entry: any bytes are parsed, checked, printed and asked whether they are unfinished. Nothing may
// crash, and what is accepted must be accepted again in the form in which the formatter writes it.
#include <cstdint>
#include <cstdlib>

#include "cli/library.hpp"
#include "lang/check.hpp"
#include "lang/parse.hpp"
#include "lang/print.hpp"
#include "runtime/library.hpp"

using namespace elbo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const runtime::Library library = cli::make_library();
  static const lang::NameTable names = runtime::name_table(library);
  const auto source = std::make_shared<lang::Source>("fuzz.elbo", std::string(data, data + size));
  lang::Diagnostics diagnostics;
  static_cast<void>(lang::is_unfinished(source));
  const auto script = lang::parse(source, diagnostics);
  for (const auto& d : diagnostics) static_cast<void>(lang::render(d));
  if (!script) {
    if (diagnostics.empty()) std::abort();  // refused without a word
    return 0;
  }
  lang::Diagnostics found;
  static_cast<void>(lang::check(*script, names, {}, false, found));
  for (const auto& d : found) static_cast<void>(lang::render(d));
  lang::Diagnostics again;
  if (!lang::parse(std::make_shared<lang::Source>("again.elbo", lang::format(*script)), again)) std::abort();
  return 0;
}
