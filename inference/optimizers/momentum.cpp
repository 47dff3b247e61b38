// Gradient ascent with momentum: v <- decay v + g, x <- x + step_t v. Under a constant gradient the steps
// grow to step / (1 - decay) times it. Polyak (1964), "Some methods of speeding up the convergence of
// iteration methods", USSR Computational Mathematics and Mathematical Physics 4; with the step size outside
// the sum, as in PyTorch.
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Momentum : public BlockStepper<T> {
 public:
  Momentum(const Schedule& rate, std::span<const double> options, std::size_t size)
      : BlockStepper<T>(rate, size), decay_(static_cast<T>(options[1])), velocity_(size) {}

  std::vector<std::span<T>> state() override { return {velocity_}; }

 protected:
  void move_block(const Block<T>& block, T* x, const T* g, std::size_t first) override {
    T* v = velocity_.data() + first;
    block.multiply_add(v, decay_, v, g);
    block.multiply_add(x, this->rate_, v, x);
  }

 private:
  T decay_;
  Remembered<T> velocity_;
};

}  // namespace

const OptimizerRecord momentum{
    .name = "momentum",
    .help = "Gradient ascent along a decaying sum of the gradients so far — momentum(0.01, decay = 0.9)",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"},
                {"decay", 0.9, &fraction_range, "what is left of the sum after each step"}},
    .start = starter_of<Momentum>};

}  // namespace elbo::inference
