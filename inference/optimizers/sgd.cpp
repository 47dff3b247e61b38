// Stochastic gradient ascent: x <- x + step_t g.
// Robbins & Monro (1951), "A stochastic approximation method", Annals of Mathematical Statistics 22.
#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Sgd : public BlockStepper<T> {
 public:
  Sgd(const Schedule& rate, std::span<const double>, std::size_t size) : BlockStepper<T>(rate, size) {}

  std::vector<std::span<T>> state() override { return {}; }

 protected:
  void move_block(const Block<T>& block, T* x, const T* g, std::size_t) override {
    block.multiply_add(x, this->rate_, g, x);
  }
};

}  // namespace

const OptimizerRecord sgd{
    .name = "sgd",
    .help = "Stochastic gradient ascent: parameters += step * gradient — sgd(robbins_monro(0.1))",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"}},
    .start = starter_of<Sgd>};

}  // namespace elbo::inference
