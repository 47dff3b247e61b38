// RMSProp: G <- decay G + (1 - decay) g^2, x <- x + step_t g / (sqrt(G) + epsilon), elementwise. G starts at
// 0, so the first steps are up to 1 / sqrt(1 - decay) times as long as `step`. Tieleman & Hinton (2012),
// lecture 6.5 of "Neural networks for machine learning".
#include <Eigen/Core>

#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

using Eigen::ArrayXd;

class Rmsprop : public Stepper {
 public:
  Rmsprop(const Schedule& rate, double decay, double epsilon, std::size_t size)
      : size_(size),
        rate_(rate),
        decay_(decay),
        epsilon_(epsilon),
        squares_(ArrayXd::Zero(static_cast<Eigen::Index>(size))) {}

  void step(std::span<double> parameters, std::span<const double> gradient, std::int64_t t,
            std::int64_t total) override {
    check_sizes(parameters, gradient, size_);
    Eigen::Map<ArrayXd> x(parameters.data(), static_cast<Eigen::Index>(size_));
    const Eigen::Map<const ArrayXd> g(gradient.data(), static_cast<Eigen::Index>(size_));
    squares_ = decay_ * squares_ + (1 - decay_) * g.square();
    x += rate_.at(t, total) * g / (squares_.sqrt() + epsilon_);
  }

 private:
  std::size_t size_;
  Schedule rate_;
  double decay_, epsilon_;
  ArrayXd squares_;
};

}  // namespace

const OptimizerRecord rmsprop{
    .name = "rmsprop",
    .help = "A step per parameter, divided by a running root mean square of its gradients — rmsprop(0.01)",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"},
                {"decay", 0.9, &fraction_range, "weight of the past in the running mean"},
                {"epsilon", 1e-8, &positive_range, "added to the root"}},
    .start = [](const Schedule& step, std::span<const double> options,
                std::size_t parameters) -> std::unique_ptr<Stepper> {
      return std::make_unique<Rmsprop>(step, options[1], options[2], parameters);
    }};

}  // namespace elbo::inference
