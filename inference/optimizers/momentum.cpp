// Gradient ascent with momentum: v <- decay v + g, x <- x + step_t v. Under a constant gradient the steps
// grow to step / (1 - decay) times it. Polyak (1964), "Some methods of speeding up the convergence of
// iteration methods", USSR Computational Mathematics and Mathematical Physics 4; with the step size outside
// the sum, as in PyTorch.
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Momentum : public Stepper<T> {
 public:
  Momentum(const Schedule& rate, std::span<const double> options, std::size_t size)
      : size_(size), schedule_(rate), decay_(static_cast<T>(options[1])), velocity_(size) {}

  void begin(std::int64_t t, std::int64_t total) override { rate_ = static_cast<T>(schedule_.at(t, total)); }

  void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) override {
    check_sizes(first, parameters, gradient, size_);
    for_each_block<T>(parameters.size(), [&](const Block<T>& block, std::size_t start) {
      T* x = parameters.data() + start;
      const T* g = gradient.data() + start;
      T* v = velocity_.data() + first + start;
      block.multiply_add(v, decay_, v, g);
      block.multiply_add(x, rate_, v, x);
    });
  }

  std::vector<std::span<T>> state() override { return {velocity_}; }

 private:
  std::size_t size_;
  Schedule schedule_;
  T decay_, rate_ = 0;
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
