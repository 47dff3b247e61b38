// Guides in the making.
#include "inference/guides/ready_made.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

double golden_fraction(std::int64_t i) {
  const double x = static_cast<double>(i) * std::numbers::phi;
  return x - std::floor(x);
}

const Distribution& required_distribution(const Library& library, std::string_view name) {
  const Distribution* found = library.distribution(name);
  if (found == nullptr)
    throw lang::InternalError("a ready-made guide needs the distribution " + std::string(name));
  return *found;
}

// ---- any guide --------------------------------------------------------------------------------------------

ReadyMade::ReadyMade(const ModelGraph& model, std::string name) : model_(model) {
  guide_->name = std::move(name);
  guide_->is_guide = true;
  guide_->graph = model.graph;
  guide_->definition = model.definition;
  // The guide has values of its own; what the model says of supports is said of them.
  for (const RandomVariable& v : model.variables) {
    if (!v.observed) own_[v.value.id()] = model.graph->input(v.name, v.value.type());
  }
}

Support ReadyMade::own(Support support) const {
  for (Expr& bound : support.bounds) bound = own(bound);
  return support;
}

bool ReadyMade::is_taken(const std::string& name) const {
  const auto same = [&](const PointParameter& p) { return p.name == name; };
  return model_.find(name) != nullptr || std::ranges::any_of(model_.parameters, same) ||
         std::ranges::any_of(guide_->parameters, same);
}

std::size_t ReadyMade::add_parameter(std::string name, const SupportKind& kind, Tensor initial,
                                     const lang::Span& span) {
  while (is_taken(name)) name = "q_" + name;
  PointParameter p;
  p.name = std::move(name);
  p.support = {&kind, {}};
  p.via = "exp";
  p.initial = std::move(initial);
  p.span = span;
  const Shape& shape = p.initial.shape();
  const Shape free = kind.unconstrained_shape ? kind.unconstrained_shape(shape) : shape;
  p.unconstrained = model_.graph->input(p.name, {.axes = {}, .event = free, .domain = Domain::real});
  p.value = parameter_transform(p.via).constrain(p.unconstrained, p.support);
  guide_->parameters.push_back(std::move(p));
  return guide_->parameters.size() - 1;
}

// ---- of all numbers together ------------------------------------------------------------------------------

namespace {

void check(const RandomVariable& v, const std::string& guide) {
  const Support& first = v.parts.front().support;
  if (first.kind->discrete) {
    fail("guide-support", guide + " is for continuous variables, but `" + v.name + "` is discrete", v.span(),
         "mean_field() takes any variable");
  }
  for (const VariablePart& part : v.parts) {
    const bool varies = std::any_of(part.support.bounds.begin(), part.support.bounds.end(),
                                    [](Expr b) { return !b.type().axes.empty(); });
    if (part.support.kind == first.kind && part.support.bounds == first.bounds && !varies) continue;
    fail("guide-support", guide + " needs one support for all of `" + v.name + "`", v.span(),
         "mean_field() takes supports that vary from element to element");
  }
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

}  // namespace

JointGuide::JointGuide(const ModelGraph& model, const std::string& name) : guide_(model, name) {
  for (const RandomVariable& v : model.variables) {
    if (v.observed) continue;
    check(v, name);
    guide().own_supports.push_back(flattened(*v.parts.front().support.kind, v.value.type().event));
    size_ += guide().own_supports.back()->unconstrained_shape({})[0];
    latents_.push_back(&v);
  }
}

std::size_t JointGuide::add_parameter(std::string name, const SupportKind& kind, Tensor initial) {
  return guide_.add_parameter(std::move(name), kind, std::move(initial), guide_.model().definition);
}

std::shared_ptr<const ModelGraph> JointGuide::make(const Conditional& conditional) {
  std::int64_t first = 0;
  for (std::size_t i = 0; i < latents_.size(); ++i) {
    const RandomVariable& target = *latents_[i];
    const SupportKind& flat = *guide().own_supports[i];
    RandomVariable variable;
    variable.name = target.name;
    variable.value = guide_.own(target);
    VariablePart part;
    part.value = variable.value;
    part.support = guide_.own(target.parts.front().support);
    part.bijector = Support{&flat, part.support.bounds};
    part.span = target.span();
    const std::int64_t count = flat.unconstrained_shape({})[0];
    const Expr y = flat.unconstrain(part.value, part.bijector->bounds);
    part.call = conditional({first, count, y});
    part.log_density = log_density(part.call, y) - flat.log_jacobian(y, part.bijector->bounds);
    first += count;
    variable.parts.push_back(std::move(part));
    guide().variables.push_back(std::move(variable));
  }
  return guide_.finished();
}

// ---- pieces of vectors and matrices -----------------------------------------------------------------------

namespace {

Expr piece(Expr x, std::int64_t first, std::int64_t count, std::int64_t dim) {
  std::vector<std::int64_t> places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), first);
  return gather(x, x.graph().constant(Tensor({count}, std::move(places))), dim);
}

}  // namespace

Expr entries(Expr vector, std::int64_t first, std::int64_t count) { return piece(vector, first, count, 0); }
Expr rows(Expr matrix, std::int64_t first, std::int64_t count) { return piece(matrix, first, count, 0); }
Expr columns(Expr matrix, std::int64_t first, std::int64_t count) { return piece(matrix, first, count, 1); }

}  // namespace elbo::inference
