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
      : schedule_(rate), beta1_(options[1]), beta2_(options[2]), mean_(size), square_(size) {
    numbers_ = {beta1_, 1 - beta1_, beta2_, 1 - beta2_, 1, options[3], 0};
  }

  void begin(std::int64_t t, std::int64_t total) override {
    const double steps = static_cast<double>(t);
    numbers_.rate = schedule_.at(t, total) / (1 - std::pow(beta1_, steps));
    numbers_.correction = 1 / (1 - std::pow(beta2_, steps));
  }

  void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) override {
    check_sizes(first, parameters, gradient, mean_.size());
    void* const rows[] = {parameters.data(), mean_.data() + first, square_.data() + first};
    runtime::kernels(precision_of<T>).adam(rows, gradient.data(), static_cast<std::int64_t>(parameters.size()),
                                           numbers_);
  }

  std::vector<std::span<T>> state() override { return {mean_, square_}; }

 private:
  Schedule schedule_;
  double beta1_, beta2_;
  runtime::AdamNumbers numbers_{};
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
