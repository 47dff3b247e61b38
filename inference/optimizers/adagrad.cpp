// AdaGrad: G <- G + g^2, x <- x + step_t g / sqrt(G + epsilon), elementwise. Each parameter has its own step
// size, which falls like the inverse of the length of all its gradients so far. Duchi, Hazan & Singer (2011),
// "Adaptive subgradient methods for online learning and stochastic optimization", Journal of Machine Learning
// Research 12; used for BBVI by Ranganath, Gerrish & Blei (2014).
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Adagrad : public Stepper<T> {
 public:
  Adagrad(const Schedule& rate, std::span<const double> options, std::size_t size)
      : size_(size), schedule_(rate), epsilon_(static_cast<T>(options[1])), squares_(size) {}

  void begin(std::int64_t t, std::int64_t total) override { rate_ = static_cast<T>(schedule_.at(t, total)); }

  void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) override {
    check_sizes(first, parameters, gradient, size_);
    for_each_block<T>(parameters.size(), [&](const Block<T>& block, std::size_t start) {
      T* x = parameters.data() + start;
      const T* g = gradient.data() + start;
      T* s = squares_.data() + first + start;
      T work[block_size], change[block_size];
      block.square(work, g);
      block.add(s, s, work);
      block.add(work, s, epsilon_);
      block.square_root(work, work);
      block.multiply(change, rate_, g);
      block.divide(change, change, work);
      block.add(x, x, change);
    });
  }

  std::vector<std::span<T>> state() override { return {squares_}; }

 private:
  std::size_t size_;
  Schedule schedule_;
  T epsilon_, rate_ = 0;
  Remembered<T> squares_;
};

}  // namespace

const OptimizerRecord adagrad{
    .name = "adagrad",
    .help = "A step per parameter, divided by the root of all its squared gradients so far — adagrad(0.5)",
    .options = {{"step", {}, &positive_range, "length of the first step in each parameter, or a schedule"},
                {"epsilon", 1e-8, &positive_range, "added to the sum of squares"}},
    .start = starter_of<Adagrad>};

}  // namespace elbo::inference
