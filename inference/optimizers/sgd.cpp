// Stochastic gradient ascent: x <- x + step_t g.
// Robbins & Monro (1951), "A stochastic approximation method", Annals of Mathematical Statistics 22.
#include <Eigen/Core>

#include "inference/optimizers/list.hpp"
#include "inference/optimizers/state.hpp"

namespace elbo::inference {
namespace {

using Eigen::ArrayXd;

class Sgd : public Stepper {
 public:
  Sgd(const Schedule& rate, std::size_t size) : size_(size), rate_(rate) {}

  void step(std::span<double> parameters, std::span<const double> gradient, std::int64_t t,
            std::int64_t total) override {
    check_sizes(parameters, gradient, size_);
    Eigen::Map<ArrayXd> x(parameters.data(), static_cast<Eigen::Index>(size_));
    const Eigen::Map<const ArrayXd> g(gradient.data(), static_cast<Eigen::Index>(size_));
    x += rate_.at(t, total) * g;
  }

 private:
  std::size_t size_;
  Schedule rate_;
};

}  // namespace

const OptimizerRecord sgd{
    .name = "sgd",
    .help = "Stochastic gradient ascent: parameters += step * gradient — sgd(robbins_monro(0.1))",
    .options = {{"step", {}, &positive_range, "step size, or a schedule of step sizes"}},
    .start = [](const Schedule& step, std::span<const double>, std::size_t parameters)
        -> std::unique_ptr<Stepper> { return std::make_unique<Sgd>(step, parameters); }};

}  // namespace elbo::inference
