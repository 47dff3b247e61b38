// libFuzzer entry: scripts that the checker accepts are run, and every model that they apply to data is
// elaborated and its log density simplified. Nothing may crash; an InternalError is a crash.
//
// `infer` and what else computes for long is left out of the library: the time goes to elaboration.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <sstream>

#include "cli/library.hpp"
#include "lang/parse.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/model_graph.hpp"
#include "runtime/simplify.hpp"

using namespace elbo;

namespace {

runtime::Library quick_library() {
  runtime::Library library = cli::make_library();
  constexpr std::string_view slow[] = {"infer",     "sample",   "simulate", "plot", "hist",
                                       "figure",    "scatter",  "zeros",    "ones", "linspace",
                                       "write_csv", "read_csv", "read_json"};
  std::erase_if(library.functions, [&](const runtime::Function& f) {
    return std::find(std::begin(slow), std::end(slow), f.name) != std::end(slow);
  });
  return library;
}

/// Numbers that make a range, a size or a power too large to be tried out.
bool is_expensive(const std::string& text) {
  int digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : (c == '_' && digits > 0 ? digits : 0);
    if (digits > 3) return true;
  }
  return text.find('e') != std::string::npos && text.find("1e") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const runtime::Library library = quick_library();
  static const lang::NameTable names = runtime::name_table(library);
  const std::string text(data, data + size);
  if (is_expensive(text)) return 0;
  lang::Diagnostics diagnostics;
  const auto script = lang::parse(std::make_shared<lang::Source>("fuzz.elbo", text), diagnostics);
  if (!script) return 0;
  const auto checked = lang::check(*script, names, {}, false, diagnostics);
  if (!checked) return 0;
  runtime::Settings settings;
  settings.quiet = true;
  std::ostringstream dropped;
  runtime::Interpreter interpreter(library, settings, dropped, dropped);
  interpreter.run(*checked, diagnostics);
  for (const std::string& name : interpreter.global_names()) {
    const auto* call = interpreter.global(name)->as<std::shared_ptr<const runtime::ModelCall>>();
    if (call == nullptr || (*call)->closure->kind != runtime::CallableKind::model) continue;
    try {
      const auto model = runtime::elaborate(interpreter, **call);
      static_cast<void>(runtime::simplify(std::vector<runtime::Expr>{runtime::log_joint(*model)}));
      static_cast<void>(runtime::show(*model));
    } catch (const lang::Failure& failure) {
      static_cast<void>(lang::render(failure.diagnostic()));
    }
  }
  return 0;
}
