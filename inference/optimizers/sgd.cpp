// Stochastic gradient ascent: x <- x + step_t g.
// Robbins & Monro (1951), "A stochastic approximation method", Annals of Mathematical Statistics 22.
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Sgd : public Stepper<T> {
 public:
  Sgd(const Schedule& rate, std::span<const double>, std::size_t size) : size_(size), schedule_(rate) {}

  void begin(std::int64_t t, std::int64_t total) override { rate_ = static_cast<T>(schedule_.at(t, total)); }

  void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) override {
    check_sizes(first, parameters, gradient, size_);
    for_each_block<T>(parameters.size(), [&](const Block<T>& block, std::size_t start) {
      T* x = parameters.data() + start;
      const T* g = gradient.data() + start;
      block.multiply_add(x, rate_, g, x);
    });
  }

  std::vector<std::span<T>> state() override { return {}; }

 private:
  std::size_t size_;
  Schedule schedule_;
  T rate_ = 0;
};

}  // namespace

const OptimizerRecord sgd{
    .name = "sgd",
    .help = "Stochastic gradient ascent: parameters += step * gradient — sgd(robbins_monro(0.1))",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"}},
    .start = starter_of<Sgd>};

}  // namespace elbo::inference
