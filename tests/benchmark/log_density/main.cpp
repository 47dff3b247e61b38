// How long the log density of a model and its gradient take: runs a script, takes the models that it applies
// to data (the last value, or every global one), and times their planned programs.
//
//   elbo_log_density FILE [THREADS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "cli/library.hpp"
#include "cli/script.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/program.hpp"

using namespace elbo;
using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void time_model(runtime::Interpreter& interpreter, const std::string& name, const runtime::ModelCall& call,
                int threads) {
  const auto start = Clock::now();
  const auto model = runtime::elaborate(interpreter, call);
  const double elaborated = seconds_since(start);
  std::vector<runtime::Expr> inputs, outputs{runtime::log_joint(*model)};
  for (const auto& v : model->variables) {
    if (!v.observed && v.value.type().domain == runtime::Domain::real) inputs.push_back(v.value);
  }
  const auto gradients = runtime::gradient(outputs[0], inputs);
  outputs.insert(outputs.end(), gradients.begin(), gradients.end());
  const auto planning = Clock::now();
  runtime::Execution execution(runtime::plan(outputs, inputs), threads);
  const double planned = seconds_since(planning);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    execution.set_input(
        i, std::vector<double>(static_cast<std::size_t>(model->graph->element_count(inputs[i].type())), 0.5));
  }
  execution.run();
  std::vector<double> rounds;
  for (int round = 0; round < 9; ++round) {
    int runs = 0;
    const auto begin = Clock::now();
    do {
      execution.run();
      ++runs;
    } while (seconds_since(begin) < 0.05);
    rounds.push_back(seconds_since(begin) / runs);
  }
  std::nth_element(rounds.begin(), rounds.begin() + 4, rounds.end());
  std::printf(
      "%-16s elaborate %8.1f ms   plan %8.1f ms   log density and gradient %10.2f us   (value %.6f)\n",
      name.c_str(), 1e3 * elaborated, 1e3 * planned, 1e6 * rounds[4], execution.output(0)[0]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: elbo_log_density FILE [THREADS]\n");
    return 2;
  }
  const runtime::Library library = cli::make_library();
  lang::Diagnostics diagnostics;
  const auto script = cli::load_script(argv[1], {}, library, diagnostics);
  runtime::Settings settings;
  settings.search_path = cli::search_path(argv[1]);
  settings.quiet = true;
  std::ostringstream dropped;
  runtime::Interpreter interpreter(library, settings, dropped, dropped);
  if (script) interpreter.run(*script, diagnostics);
  for (const auto& d : diagnostics) std::fprintf(stderr, "%s\n", lang::render(d).c_str());
  if (!diagnostics.empty()) return 1;
  for (const std::string& name : interpreter.global_names()) {
    const auto* call = interpreter.global(name)->as<std::shared_ptr<const runtime::ModelCall>>();
    if (call == nullptr || (*call)->closure->kind != runtime::CallableKind::model) continue;
    time_model(interpreter, name, **call, argc > 2 ? std::atoi(argv[2]) : 1);
  }
}
