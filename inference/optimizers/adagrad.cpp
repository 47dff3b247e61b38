// AdaGrad: G <- G + g^2, x <- x + step_t g / sqrt(G + epsilon), elementwise. Each parameter has its own step
// size, which falls like the inverse of the length of all its gradients so far. Duchi, Hazan & Singer (2011),
// "Adaptive subgradient methods for online learning and stochastic optimization", Journal of Machine Learning
// Research 12; used for BBVI by Ranganath, Gerrish & Blei (2014).
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Adagrad : public BlockStepper<T> {
 public:
  Adagrad(const Schedule& rate, std::span<const double> options, std::size_t size)
      : BlockStepper<T>(rate, size), epsilon_(static_cast<T>(options[1])), squares_(size) {}

  std::vector<std::span<T>> state() override { return {squares_}; }

 protected:
  void move_block(const Block<T>& block, T* x, const T* g, std::size_t first) override {
    T* s = squares_.data() + first;
    T work[block_size], change[block_size];
    block.square(work, g);
    block.add(s, s, work);
    block.add(work, s, epsilon_);
    block.square_root(work, work);
    block.multiply(change, this->rate_, g);
    block.divide(change, change, work);
    block.add(x, x, change);
  }

 private:
  T epsilon_;
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
