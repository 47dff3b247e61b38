// AdaGrad: G <- G + g^2, x <- x + step_t g / sqrt(G + epsilon), elementwise. Each parameter has its own step
// size, which falls like the inverse of the length of all its gradients so far. Duchi, Hazan & Singer (2011),
// "Adaptive subgradient methods for online learning and stochastic optimization", Journal of Machine Learning
// Research 12; used for BBVI by Ranganath, Gerrish & Blei (2014).
#include <Eigen/Core>

#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

using Eigen::ArrayXd;

class Adagrad : public Stepper {
 public:
  Adagrad(const Schedule& rate, double epsilon, std::size_t size)
      : size_(size),
        rate_(rate),
        epsilon_(epsilon),
        squares_(ArrayXd::Zero(static_cast<Eigen::Index>(size))) {}

  void step(std::span<double> parameters, std::span<const double> gradient, std::int64_t t,
            std::int64_t total) override {
    check_sizes(parameters, gradient, size_);
    Eigen::Map<ArrayXd> x(parameters.data(), static_cast<Eigen::Index>(size_));
    const Eigen::Map<const ArrayXd> g(gradient.data(), static_cast<Eigen::Index>(size_));
    squares_ += g.square();
    x += rate_.at(t, total) * g / (squares_ + epsilon_).sqrt();
  }

 private:
  std::size_t size_;
  Schedule rate_;
  double epsilon_;
  ArrayXd squares_;
};

}  // namespace

const OptimizerRecord adagrad{
    .name = "adagrad",
    .help = "A step per parameter, divided by the root of all its squared gradients so far — adagrad(0.5)",
    .options = {{"step", {}, &positive_range, "length of the first step in each parameter, or a schedule"},
                {"epsilon", 1e-8, &positive_range, "added to the sum of squares"}},
    .start = [](const Schedule& step, std::span<const double> options, std::size_t parameters)
        -> std::unique_ptr<Stepper> { return std::make_unique<Adagrad>(step, options[1], parameters); }};

}  // namespace elbo::inference
