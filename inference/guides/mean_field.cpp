// The mean-field guide (Kucukelbir et al. 2017, "Automatic Differentiation Variational Inference"):
// independent normals on the unconstrained space, carried over to the support by its bijector; and its
// variant with distributions of the priors' own families.
#include <algorithm>

#include "inference/guides.hpp"
#include "inference/guides/ready_made.hpp"
#include "runtime/expression.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

class MeanField {
 public:
  /// `families`: distributions of the priors' own exponential families, where they have one.
  MeanField(const Library& library, const ModelGraph& model, bool families)
      : library_(library), families_(families), guide_(model, families ? "conjugate()" : "mean_field()") {}

  std::shared_ptr<const ModelGraph> make() {
    for (const RandomVariable& v : guide_.model().variables) {
      if (!v.observed) add(v);
    }
    return guide_.finished();
  }

 private:
  void add(const RandomVariable& target) {
    RandomVariable variable;
    variable.name = target.name;
    variable.value = guide_.own(target);
    variable.indexed = target.indexed;
    if (has_one_support(target)) {
      variable.indexed.clear();
      VariablePart whole;
      whole.value = variable.value;
      whole.support = guide_.own(target.parts.front().support);
      whole.span = target.span();
      fill(whole, target.parts, variable, "", {}, variable.value.type().event);
      variable.parts.push_back(std::move(whole));
    } else {
      for (std::size_t p = 0; p < target.parts.size(); ++p) {
        const VariablePart& from = target.parts[p];
        VariablePart part;
        part.value = guide_.own(from.value);
        part.plates = from.plates;
        part.positions = from.positions;
        part.support = guide_.own(from.support);
        part.span = from.span;
        const std::string suffix = target.parts.size() == 1 ? "" : "_" + std::to_string(p + 1);
        fill(part, std::span(&from, 1), variable, suffix, from.plates, from.value.type().event);
        variable.parts.push_back(std::move(part));
      }
    }
    guide_.guide().variables.push_back(std::move(variable));
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

  /// A parameter with the plates as leading dimensions; per turn it has them as axes.
  Expr parameter(std::string name, const SupportKind& kind, const std::vector<AxisId>& plates,
                 const Shape& event, double initial, const lang::Span& span) {
    Shape shape;
    for (const AxisId plate : plates) shape.push_back(guide_.model().graph->axis(plate).size);
    shape.insert(shape.end(), event.begin(), event.end());
    const std::vector<double> start(static_cast<std::size_t>(element_count(shape)), initial);
    const std::size_t index = guide_.add_parameter(std::move(name), kind, Tensor(shape, start), span);
    Expr value = guide_.guide().parameters[index].value;
    for (const AxisId plate : plates) value = to_axis(value, 0, plate);
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
    return name.empty() ? nullptr : &required_distribution(library_, name);
  }

  /// The distribution of a part whose value has this event shape, and its log density.
  void fill(VariablePart& part, std::span<const VariablePart> priors, const RandomVariable& variable,
            const std::string& suffix, const std::vector<AxisId>& plates, const Shape& event) {
    const auto named = [&](const char* what) { return variable.name + suffix + what; };
    const SupportKind& kind = *part.support.kind;
    const auto set = [&](std::string_view name, std::vector<Expr> parameters) {
      part.call.distribution = &required_distribution(library_, name);
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
      const Expr sd = parameter(named("_sd"), positive_support, plates, free, initial_scale, part.span);
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
  bool families_;
  ReadyMade guide_;
};

}  // namespace

std::shared_ptr<const ModelGraph> mean_field(const Library& library, const ModelGraph& model) {
  return MeanField(library, model, false).make();
}

std::shared_ptr<const ModelGraph> conjugate(const Library& library, const ModelGraph& model) {
  return MeanField(library, model, true).make();
}

}  // namespace elbo::inference
