// A graph made ready to run: a schedule of fused block loops and single operations over one arena of buffers, laid
// out once, run many times with no allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph.hpp"
#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {

struct PlanOptions {
  Precision precision = Precision::real64;
  bool simplify = true;
  /// Matrices of so many entries and more are multiplied inside loops over their rows; less than 0: none are.
  std::int64_t fuse_from = 4096;
  bool reuse_buffers = true;  ///< off: every value keeps its own memory (tests compare the two)
  bool bound_inputs = false;  ///< inputs lie in memory of the caller's (Execution::bind_input), not in the program's
};

class Program;  // the plan; opaque, see runtime/plan.cpp
class Workers;  // threads (runtime/workers.hpp)

/// Plans the computation of `outputs` from `inputs` (input nodes, in the order in which values will be given).
/// An input node that outputs need and `inputs` lacks is an InternalError.
std::shared_ptr<const Program> plan(std::span<const Expr> outputs, std::span<const Expr> inputs,
                                    const PlanOptions& options = {});

/// The schedule as text: regions, instructions, buffers, bytes.
std::string show(const Program& program);
std::size_t instruction_count(const Program& program);
std::size_t arena_bytes(const Program& program);

/// One set of buffers for a program; owned by one thread at a time.
class Execution {
 public:
  /// `threads`: how many may work on one large loop; results do not depend on it.
  explicit Execution(std::shared_ptr<const Program> program, int threads = 1);
  /// With threads that others use, too, one after the other.
  Execution(std::shared_ptr<const Program> program, std::shared_ptr<Workers> workers);
  ~Execution();
  Execution(Execution&&) noexcept;

  /// Sets the values of input i (row-major: axes, then event).
  void set_input(std::size_t i, std::span<const double> values);
  void set_input(std::size_t i, std::span<const float> values);
  /// Of a program with bound inputs: input i is read from there, row-major numbers of the program's type, in this
  /// and later runs.
  void bind_input(std::size_t i, const void* values);
  /// Random operations use this key and repetition number.
  void set_random(std::uint64_t seed, std::uint32_t step);
  void run();
  /// Values of output i, valid until the next run.
  std::span<const double> output(std::size_t i) const;
  /// The same in the number type of the program, which T must be.
  template <class T>
  std::span<const T> output_as(std::size_t i) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <>
std::span<const double> Execution::output_as<double>(std::size_t i) const;
template <>
std::span<const float> Execution::output_as<float>(std::size_t i) const;

/// Computes expressions without inputs at once; a Tensor per root, stored as its domain says (axes lead).
std::vector<Tensor> evaluate(std::span<const Expr> roots, std::uint64_t seed = 0, std::uint32_t step = 0,
                             int threads = 1);
Tensor evaluate(Expr root);

}  // namespace elbo::runtime
