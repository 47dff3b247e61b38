// Adam: running means of the gradient and of its square, both corrected for their start at 0:
//   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2,
//   x <- x + step_t m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), elementwise.
// Kingma & Ba (2015), "Adam: a method for stochastic optimization", ICLR, algorithm 1.
#include <cmath>

#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

template <class T>
class Adam : public Stepper<T> {
 public:
  Adam(const Schedule& rate, std::span<const double> options, std::size_t size)
      : size_(size),
        schedule_(rate),
        beta1_(options[1]),
        beta2_(options[2]),
        keep1_(static_cast<T>(beta1_)),
        add1_(static_cast<T>(1 - beta1_)),
        keep2_(static_cast<T>(beta2_)),
        add2_(static_cast<T>(1 - beta2_)),
        epsilon_(static_cast<T>(options[3])),
        mean_(size),
        square_(size) {}

  void begin(std::int64_t t, std::int64_t total) override {
    const double steps = static_cast<double>(t);
    rate_ = static_cast<T>(schedule_.at(t, total) / (1 - std::pow(beta1_, steps)));
    correction_ = static_cast<T>(1 / (1 - std::pow(beta2_, steps)));
  }

  void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) override {
    check_sizes(first, parameters, gradient, size_);
    for_each_block<T>(parameters.size(), [&](const Block<T>& block, std::size_t start) {
      T* x = parameters.data() + start;
      const T* g = gradient.data() + start;
      T* m = mean_.data() + first + start;
      T* v = square_.data() + first + start;
      T work[block_size];
      block.multiply(work, add1_, g);
      block.multiply_add(m, keep1_, m, work);
      block.square(work, g);
      block.multiply(work, add2_, work);
      block.multiply_add(v, keep2_, v, work);
      block.multiply(work, correction_, v);
      block.square_root(work, work);
      block.add(work, work, epsilon_);
      T change[block_size];
      block.multiply(change, rate_, m);
      block.divide(change, change, work);
      block.add(x, x, change);
    });
  }

  std::vector<std::span<T>> state() override { return {mean_, square_}; }

 private:
  std::size_t size_;
  Schedule schedule_;
  double beta1_, beta2_;
  T keep1_, add1_, keep2_, add2_, epsilon_;
  T rate_ = 0, correction_ = 1;
  Remembered<T> mean_, square_;
};

}  // namespace

const OptimizerRecord adam{
    .name = "adam",
    .help =
        "Steps of about `step` in every parameter, along running means of gradient and square — adam(0.05)",
    .options = {{"step", 0.001, &positive_range, "step size, or a schedule of step sizes"},
                {"beta1", 0.9, &fraction_range, "weight of the past in the mean of the gradients"},
                {"beta2", 0.999, &fraction_range, "weight of the past in the mean of their squares"},
                {"epsilon", 1e-8, &positive_range, "added to the root"}},
    .start = starter_of<Adam>};

}  // namespace elbo::inference
