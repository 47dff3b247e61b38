// Gradient ascent with momentum: v <- decay v + g, x <- x + step_t v. Under a constant gradient the steps
// grow to step / (1 - decay) times it. Polyak (1964), "Some methods of speeding up the convergence of
// iteration methods", USSR Computational Mathematics and Mathematical Physics 4; with the step size outside
// the sum, as in PyTorch.
#include <Eigen/Core>

#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

using Eigen::ArrayXd;

class Momentum : public Stepper {
 public:
  Momentum(const Schedule& rate, double decay, std::size_t size)
      : size_(size), rate_(rate), decay_(decay), velocity_(ArrayXd::Zero(static_cast<Eigen::Index>(size))) {}

  void step(std::span<double> parameters, std::span<const double> gradient, std::int64_t t,
            std::int64_t total) override {
    check_sizes(parameters, gradient, size_);
    Eigen::Map<ArrayXd> x(parameters.data(), static_cast<Eigen::Index>(size_));
    const Eigen::Map<const ArrayXd> g(gradient.data(), static_cast<Eigen::Index>(size_));
    velocity_ = decay_ * velocity_ + g;
    x += rate_.at(t, total) * velocity_;
  }

 private:
  std::size_t size_;
  Schedule rate_;
  double decay_;
  ArrayXd velocity_;
};

}  // namespace

const OptimizerRecord momentum{
    .name = "momentum",
    .help = "Gradient ascent along a decaying sum of the gradients so far — momentum(0.01, decay = 0.9)",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"},
                {"decay", 0.9, &fraction_range, "what is left of the sum after each step"}},
    .start = [](const Schedule& step, std::span<const double> options, std::size_t parameters)
        -> std::unique_ptr<Stepper> { return std::make_unique<Momentum>(step, options[1], parameters); }};

}  // namespace elbo::inference
