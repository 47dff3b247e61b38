// The full-rank guide: one normal distribution of the unconstrained numbers of all latent variables, carried
// over to their supports (Kucukelbir et al. 2017, "Automatic Differentiation Variational Inference"). It is
// written as the normal distribution of each variable given those before it, so that the draws are ancestral
// as in any guide: with mean m and lower Cholesky factor L,
//   y_k | y_<k ~ normal(m_k + L_k,<k L_<k,<k^-1 (y_<k - m_<k), L_kk L_kk').
#include <algorithm>
#include <numeric>

#include "inference/guides.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Starting scale of the unconstrained numbers, as of mean_field().
constexpr double initial_scale = 0.1;

Expr range(Graph& graph, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), first);
  return graph.constant(Tensor({count}, std::move(places)));
}

Expr block(Expr matrix, std::int64_t row, std::int64_t rows, std::int64_t column, std::int64_t columns) {
  return gather(gather(matrix, range(matrix.graph(), row, rows), 0), range(matrix.graph(), column, columns),
                1);
}

// The support with its unconstrained numbers as one vector.
std::shared_ptr<const SupportKind> flattened(const SupportKind& kind, const Shape& value) {
  const Shape free = kind.unconstrained_shape ? kind.unconstrained_shape(value) : value;
  const std::int64_t count = element_count(free);
  auto flat = std::make_shared<SupportKind>(kind);
  flat->event_rank = static_cast<int>(value.size());
  flat->constrain = [&kind, free](Expr y, std::span<const Expr> b) {
    return kind.constrain(reshape(y, free), b);
  };
  flat->unconstrain = [&kind, count](Expr x, std::span<const Expr> b) {
    return reshape(kind.unconstrain(x, b), {count});
  };
  flat->log_jacobian = [&kind, free](Expr y, std::span<const Expr> b) {
    return sum_event(kind.log_jacobian(reshape(y, free), b));
  };
  flat->unconstrained_shape = [count](const Shape&) { return Shape{count}; };
  return flat;
}

class FullRank {
 public:
  FullRank(const Library& library, const ModelGraph& model)
      : normal_(library.distribution("MultivariateNormal")), model_(model) {
    if (normal_ == nullptr) throw lang::InternalError("full_rank needs MultivariateNormal");
    guide_->name = "full_rank()";
    guide_->is_guide = true;
    guide_->graph = model.graph;
    guide_->definition = model.definition;
    // The guide has values of its own; what the model says of supports is said of them.
    for (const RandomVariable& v : model.variables) {
      if (!v.observed) own_[v.value.id()] = model.graph->input(v.name, v.value.type());
    }
  }

  std::shared_ptr<const ModelGraph> make() {
    std::vector<const RandomVariable*> latents;
    std::int64_t count = 0;
    for (const RandomVariable& v : model_.variables) {
      if (v.observed) continue;
      check(v);
      const SupportKind& kind = *v.parts.front().support.kind;
      guide_->own_supports.push_back(flattened(kind, v.value.type().event));
      count += guide_->own_supports.back()->unconstrained_shape({})[0];
      latents.push_back(&v);
    }
    add_parameters(count);
    for (std::size_t i = 0; i < latents.size(); ++i) add(*latents[i], *guide_->own_supports[i]);
    return guide_;
  }

 private:
  static void check(const RandomVariable& v) {
    const Support& first = v.parts.front().support;
    if (first.kind->discrete) {
      fail("guide-support", "full_rank() is for continuous variables, but `" + v.name + "` is discrete",
           v.span(), "mean_field() takes any variable");
    }
    for (const VariablePart& part : v.parts) {
      const bool varies = std::any_of(part.support.bounds.begin(), part.support.bounds.end(),
                                      [](Expr b) { return !b.type().axes.empty(); });
      if (part.support.kind == first.kind && part.support.bounds == first.bounds && !varies) continue;
      fail("guide-support", "full_rank() needs one support for all of `" + v.name + "`", v.span(),
           "mean_field() takes supports that vary from element to element");
    }
  }

  bool is_taken(const std::string& name) const {
    const auto same = [&](const auto& each) { return each.name == name; };
    return model_.find(name) != nullptr ||
           std::any_of(model_.parameters.begin(), model_.parameters.end(), same);
  }

  std::size_t add_parameter(std::string name, const SupportKind& kind, Tensor initial) {
    while (is_taken(name)) name = "q_" + name;
    PointParameter p;
    p.name = std::move(name);
    p.support = {&kind, {}};
    p.via = "exp";
    p.initial = std::move(initial);
    p.span = model_.definition;
    const Shape& shape = p.initial.shape();
    const Shape free = kind.unconstrained_shape ? kind.unconstrained_shape(shape) : shape;
    p.unconstrained = model_.graph->input(p.name, {.axes = {}, .event = free, .domain = Domain::real});
    p.value = parameter_transform(p.via).constrain(p.unconstrained, p.support);
    guide_->parameters.push_back(std::move(p));
    return guide_->parameters.size() - 1;
  }

  void add_parameters(std::int64_t n) {
    const auto size = static_cast<std::size_t>(n);
    std::vector<double> scales(size * size, 0.0);
    for (std::size_t i = 0; i < size; ++i) scales[i * size + i] = initial_scale;
    JointNormal joint{};
    joint.mean = add_parameter("mean", real_support, Tensor({n}, std::vector<double>(size, 0.0)));
    joint.cholesky =
        add_parameter("cholesky", cholesky_covariance_support, Tensor({n, n}, std::move(scales)));
    guide_->joint = joint;
    mean_ = guide_->parameters[joint.mean].value;
    factor_ = guide_->parameters[joint.cholesky].value;
  }

  void add(const RandomVariable& target, const SupportKind& flat) {
    RandomVariable variable;
    variable.name = target.name;
    variable.value = own_.at(target.value.id());
    VariablePart part;
    part.value = variable.value;
    part.support = target.parts.front().support;
    for (Expr& bound : part.support.bounds) bound = substitute(bound, own_);
    part.bijector = Support{&flat, part.support.bounds};
    part.span = target.span();

    const std::int64_t n = flat.unconstrained_shape({})[0];
    Expr centre = gather(mean_, range(*model_.graph, first_, n), 0);
    if (first_ > 0) {
      const Expr before = earlier_.size() == 1 ? earlier_[0] : concatenate(earlier_, 0);
      const Expr deviation = before - gather(mean_, range(*model_.graph, 0, first_), 0);
      const Expr u = solve_lower_vector(block(factor_, 0, first_, 0, first_), deviation);
      centre = centre + times_vector(block(factor_, first_, n, 0, first_), u);
    }
    const Parameterisation& by_factor = cholesky_parameterisation();
    const Expr own = block(factor_, first_, n, first_, n);
    part.call.distribution = normal_;
    part.call.alternative = &by_factor;
    part.call.given = {centre, own};
    part.call.canonical = {centre, by_factor.canonical(own)};
    const Expr y = flat.unconstrain(part.value, part.bijector->bounds);
    part.log_density = log_density(part.call, y) - flat.log_jacobian(y, part.bijector->bounds);
    earlier_.push_back(y);
    first_ += n;
    variable.parts.push_back(std::move(part));
    guide_->variables.push_back(std::move(variable));
  }

  const Parameterisation& cholesky_parameterisation() const {
    for (const Parameterisation& p : normal_->alternatives)
      if (p.name == "cholesky") return p;
    throw lang::InternalError("MultivariateNormal is not given by a Cholesky factor");
  }

  const Distribution* normal_;
  const ModelGraph& model_;
  std::shared_ptr<ModelGraph> guide_ = std::make_shared<ModelGraph>();
  std::unordered_map<NodeId, Expr> own_;  // the model's latent values -> the guide's
  Expr mean_, factor_;
  std::vector<Expr> earlier_;  // unconstrained numbers of the variables so far
  std::int64_t first_ = 0;     // how many these are
};

}  // namespace

std::shared_ptr<const ModelGraph> full_rank(const Library& library, const ModelGraph& model) {
  return FullRank(library, model).make();
}

}  // namespace elbo::inference
