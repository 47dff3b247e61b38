// The mean-field guide (Kucukelbir et al. 2017, "Automatic Differentiation Variational Inference"):
// independent normals on the unconstrained space, carried over to the support by its bijector; and its
// variant with distributions of the priors' own families.
#include <algorithm>

#include "inference/guides.hpp"
#include "runtime/expression.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Starting scale of the unconstrained normals. A narrow start keeps the first gradients quiet where there are
// many data; it widens as fast as the optimizer lets it.
constexpr double initial_sd = 0.1;

class MeanField {
 public:
  /// `families`: distributions of the priors' own exponential families, where they have one.
  MeanField(const Library& library, const ModelGraph& model, bool families)
      : library_(library), model_(model), families_(families) {
    guide_->name = families ? "conjugate()" : "mean_field()";
    guide_->is_guide = true;
    guide_->graph = model.graph;
    guide_->definition = model.definition;
    // The guide has values of its own; what the model says of supports is said of them.
    for (const RandomVariable& v : model.variables) {
      if (!v.observed) own_[v.value.id()] = model.graph->input(v.name, v.value.type());
    }
  }

  std::shared_ptr<const ModelGraph> make() {
    for (const RandomVariable& v : model_.variables) {
      if (!v.observed) add(v);
    }
    return guide_;
  }

 private:
  void add(const RandomVariable& target) {
    RandomVariable variable;
    variable.name = target.name;
    variable.value = own_.at(target.value.id());
    variable.indexed = target.indexed;
    if (has_one_support(target)) {
      variable.indexed.clear();
      VariablePart whole;
      whole.value = variable.value;
      whole.support = replaced_support(target.parts.front().support);
      whole.span = target.span();
      fill(whole, target.parts, variable, "", {}, variable.value.type().event);
      variable.parts.push_back(std::move(whole));
    } else {
      for (std::size_t p = 0; p < target.parts.size(); ++p) {
        const VariablePart& from = target.parts[p];
        VariablePart part;
        part.value = substitute(from.value, own_);
        part.plates = from.plates;
        part.positions = from.positions;
        part.support = replaced_support(from.support);
        part.span = from.span;
        const std::string suffix = target.parts.size() == 1 ? "" : "_" + std::to_string(p + 1);
        fill(part, std::span(&from, 1), variable, suffix, from.plates, from.value.type().event);
        variable.parts.push_back(std::move(part));
      }
    }
    guide_->variables.push_back(std::move(variable));
  }

  Support replaced_support(Support support) const {
    for (Expr& bound : support.bounds) bound = substitute(bound, own_);
    return support;
  }

  /// Whether all elements of the variable have the same support, which then is that of the whole.
  static bool has_one_support(const RandomVariable& v) {
    const Support& first = v.parts.front().support;
    return std::all_of(v.parts.begin(), v.parts.end(), [&](const VariablePart& part) {
      const bool has_axes =
          std::any_of(part.support.bounds.begin(), part.support.bounds.end(),
                      [](const Expr& e) { return !e.type().axes.empty() || !e.type().event.empty(); });
      return part.support.kind == first.kind && part.support.bounds == first.bounds &&
             (v.parts.size() == 1 && part.plates.empty() ? true : !has_axes);
    });
  }

  const Distribution& distribution(std::string_view name) const {
    const Distribution* found = library_.distribution(name);
    if (found == nullptr) throw lang::InternalError("mean_field needs the distribution " + std::string(name));
    return *found;
  }

  bool is_taken(const std::string& name) const {
    const auto same = [&](const auto& each) { return each.name == name; };
    return model_.find(name) != nullptr ||
           std::any_of(model_.parameters.begin(), model_.parameters.end(), same) ||
           std::any_of(guide_->parameters.begin(), guide_->parameters.end(), same);
  }

  /// A parameter with the plates as leading dimensions; per turn it has them as axes.
  Expr parameter(std::string name, const SupportKind& kind, const std::vector<AxisId>& plates,
                 const Shape& event, double initial, const lang::Span& span) {
    while (is_taken(name)) name = "q_" + name;
    Shape shape;
    for (const AxisId plate : plates) shape.push_back(model_.graph->axis(plate).size);
    shape.insert(shape.end(), event.begin(), event.end());
    PointParameter p;
    p.name = std::move(name);
    p.support = {&kind, {}};
    p.via = "exp";
    p.initial = Tensor(shape, std::vector<double>(static_cast<std::size_t>(element_count(shape)), initial));
    p.span = span;
    const Shape free = kind.unconstrained_shape != nullptr ? kind.unconstrained_shape(shape) : shape;
    p.unconstrained = model_.graph->input(p.name, {.axes = {}, .event = free, .domain = Domain::real});
    p.value = parameter_transform(p.via).constrain(p.unconstrained, p.support);
    Expr value = p.value;
    for (const AxisId plate : plates) value = to_axis(value, 0, plate);
    guide_->parameters.push_back(std::move(p));
    return value;
  }

  /// The family in which conjugate models put the posteriors of all of these priors, if there is one with
  /// parameters for each element.
  const Distribution* common_family(std::span<const VariablePart> priors) const {
    const Distribution* prior_family = priors.front().call.distribution;
    for (const VariablePart& prior : priors) {
      if (prior.call.distribution != prior_family) return nullptr;
      if (prior.support.kind != support(prior.call).kind) return nullptr;
    }
    if (!prior_family->exponential_family) return nullptr;
    const std::string_view name = prior_family->exponential_family->posterior_family;
    return name.empty() ? nullptr : &distribution(name);
  }

  /// The distribution of a part whose value has this event shape, and its log density.
  void fill(VariablePart& part, std::span<const VariablePart> priors, const RandomVariable& variable,
            const std::string& suffix, const std::vector<AxisId>& plates, const Shape& event) {
    const auto named = [&](const char* what) { return variable.name + suffix + what; };
    const SupportKind& kind = *part.support.kind;
    const auto set = [&](std::string_view name, std::vector<Expr> parameters) {
      part.call.distribution = &distribution(name);
      part.call.canonical = parameters;
      part.call.given = std::move(parameters);
    };
    if (const Distribution* family = families_ && !kind.discrete ? common_family(priors) : nullptr) {
      std::vector<Expr> parameters;
      for (const DistributionParameter& p : family->parameters) {
        const double start = p.support == &real_support ? 0 : 1;
        parameters.push_back(parameter(variable.name + suffix + "_" + std::string(p.name), *p.support, plates,
                                       event, start, part.span));
      }
      set(family->name, std::move(parameters));
      part.log_density = log_density(part.call, part.value);
      return;
    }
    if (!kind.discrete) {
      const Shape free = kind.unconstrained_shape != nullptr ? kind.unconstrained_shape(event) : event;
      const Expr mean = parameter(named("_mean"), real_support, plates, free, 0, part.span);
      const Expr sd = parameter(named("_sd"), positive_support, plates, free, initial_sd, part.span);
      set("Normal", {mean, sd});
      if (&kind == &real_support) {
        part.log_density = log_density(part.call, part.value);
        return;
      }
      part.bijector = part.support;
      const Expr unconstrained = kind.unconstrain(part.value, part.support.bounds);
      Expr density = log_density(part.call, unconstrained);
      for (int r = 0; r < unconstrained_rank(kind); ++r) density = sum_dim(density, -1);
      part.log_density = density - kind.log_jacobian(unconstrained, part.support.bounds);
      return;
    }
    if (&kind == &boolean_support) {
      set("Bernoulli",
          {parameter(named("_probability"), unit_interval_support, plates, event, 0.5, part.span)});
    } else if (&kind == &natural_support) {
      set("Poisson", {parameter(named("_rate"), positive_support, plates, event, 1, part.span)});
    } else if (&kind == &natural_up_to_support) {
      set("Binomial", {part.support.bounds.at(0), parameter(named("_probability"), unit_interval_support,
                                                            plates, event, 0.5, part.span)});
    } else if (&kind == &category_support) {
      Shape shape = event;
      const auto categories = known_value(part.support.bounds.at(0));
      if (!categories || categories->rank() > 0) refuse(variable, part);
      const auto count = static_cast<std::int64_t>(categories->real(0));
      shape.push_back(count);
      set("Categorical", {parameter(named("_probabilities"), simplex_support, plates, shape,
                                    1.0 / static_cast<double>(count), part.span)});
    } else {
      refuse(variable, part);
    }
    part.log_density = log_density(part.call, part.value);
  }

  [[noreturn]] static void refuse(const RandomVariable& variable, const VariablePart& part) {
    fail("not-yet-supported",
         "mean_field() has no distribution for `" + variable.name + "`, whose support is " +
             std::string(part.support.kind->name),
         part.span, "write the guide out: `guide q { … }`");
  }

  const Library& library_;
  const ModelGraph& model_;
  bool families_;
  std::shared_ptr<ModelGraph> guide_ = std::make_shared<ModelGraph>();
  std::unordered_map<NodeId, Expr> own_;  // the model's latent values -> the guide's
};

}  // namespace

std::shared_ptr<const ModelGraph> mean_field(const Library& library, const ModelGraph& model) {
  return MeanField(library, model, false).make();
}

std::shared_ptr<const ModelGraph> conjugate(const Library& library, const ModelGraph& model) {
  return MeanField(library, model, true).make();
}

}  // namespace elbo::inference
