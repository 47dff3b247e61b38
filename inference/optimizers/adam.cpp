// Adam: running means of the gradient and of its square, both corrected for their start at 0:
//   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2,
//   x <- x + step_t m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), elementwise.
// Kingma & Ba (2015), "Adam: a method for stochastic optimization", ICLR, algorithm 1.
#include <Eigen/Core>
#include <cmath>

#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

using Eigen::ArrayXd;

class Adam : public Stepper {
 public:
  Adam(const Schedule& rate, std::span<const double> options, std::size_t size)
      : size_(size),
        rate_(rate),
        beta1_(options[1]),
        beta2_(options[2]),
        epsilon_(options[3]),
        mean_(ArrayXd::Zero(static_cast<Eigen::Index>(size))),
        square_(ArrayXd::Zero(static_cast<Eigen::Index>(size))) {}

  void step(std::span<double> parameters, std::span<const double> gradient, std::int64_t t,
            std::int64_t total) override {
    check_sizes(parameters, gradient, size_);
    Eigen::Map<ArrayXd> x(parameters.data(), static_cast<Eigen::Index>(size_));
    const Eigen::Map<const ArrayXd> g(gradient.data(), static_cast<Eigen::Index>(size_));
    const double steps = static_cast<double>(t);
    const double rate = rate_.at(t, total) / (1 - std::pow(beta1_, steps));
    const double correction = 1 / (1 - std::pow(beta2_, steps));
    mean_ = beta1_ * mean_ + (1 - beta1_) * g;
    square_ = beta2_ * square_ + (1 - beta2_) * g.square();
    x += rate * mean_ / ((correction * square_).sqrt() + epsilon_);
  }

 private:
  std::size_t size_;
  Schedule rate_;
  double beta1_, beta2_, epsilon_;
  ArrayXd mean_, square_;
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
    .start = [](const Schedule& step, std::span<const double> options, std::size_t parameters)
        -> std::unique_ptr<Stepper> { return std::make_unique<Adam>(step, options, parameters); }};

}  // namespace elbo::inference
