// RMSProp: G <- decay G + (1 - decay) g^2, x <- x + step_t g / (sqrt(G) + epsilon), elementwise. G starts at
// 0, so the first steps are up to 1 / sqrt(1 - decay) times as long as `step`. Tieleman & Hinton (2012),
// lecture 6.5 of "Neural networks for machine learning".
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Rmsprop : public BlockStepper<T> {
 public:
  Rmsprop(const Schedule& rate, std::span<const double> options, std::size_t size)
      : BlockStepper<T>(rate, size),
        keep_(static_cast<T>(options[1])),
        add_(static_cast<T>(1 - options[1])),
        epsilon_(static_cast<T>(options[2])),
        squares_(size) {}

  std::vector<std::span<T>> state() override { return {squares_}; }

 protected:
  void move_block(const Block<T>& block, T* x, const T* g, std::size_t first) override {
    T* s = squares_.data() + first;
    T work[block_size], change[block_size];
    block.square(work, g);
    block.multiply(work, add_, work);
    block.multiply_add(s, keep_, s, work);
    block.square_root(work, s);
    block.add(work, work, epsilon_);
    block.multiply(change, this->rate_, g);
    block.divide(change, change, work);
    block.add(x, x, change);
  }

 private:
  T keep_, add_, epsilon_;
  Remembered<T> squares_;
};

}  // namespace

const OptimizerRecord rmsprop{
    .name = "rmsprop",
    .help = "A step per parameter, divided by a running root mean square of its gradients — rmsprop(0.01)",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"},
                {"decay", 0.9, &fraction_range, "weight of the past in the running mean"},
                {"epsilon", 1e-8, &positive_range, "added to the root"}},
    .start = starter_of<Rmsprop>};

}  // namespace elbo::inference
