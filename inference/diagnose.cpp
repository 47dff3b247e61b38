// Where a bad number came from. Runs once, at the end of a run that went wrong, so it may be slow.
#include "inference/diagnose.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/expression.hpp"
#include "runtime/format.hpp"
#include "runtime/plates.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Element `position` (row-major over draws and the density's event) of a value that broadcasts against it.
struct Element {
  std::int64_t draw;
  std::vector<std::int64_t> index;
};

double element_of(std::span<const double> values, const Type& type, const Element& element) {
  std::int64_t offset = type.axes.empty() ? 0 : element.draw;
  const std::size_t extra =
      element.index.size() >= type.event.size() ? element.index.size() - type.event.size() : 0;
  for (std::size_t d = 0; d < type.event.size(); ++d) {
    const std::int64_t i =
        d + extra < element.index.size() && type.event[d] > 1 ? element.index[d + extra] : 0;
    offset = offset * type.event[d] + i;
  }
  return values[static_cast<std::size_t>(offset)];
}

Element locate(std::int64_t position, const Type& type) {
  Element element{0, std::vector<std::int64_t>(type.event.size())};
  for (std::size_t d = type.event.size(); d-- > 0;) {
    element.index[d] = position % type.event[d];
    position /= type.event[d];
  }
  element.draw = position;
  return element;
}

// The index as the user writes it: an indexed statement's plates are replaced by the entry that it defines.
std::string subscript(const Element& element, const VariablePart* part, const Shape& indexed) {
  std::vector<std::int64_t> index = element.index;
  if (part != nullptr && part->positions && index.size() >= part->positions->rank()) {
    const Shape& turns = part->positions->shape();
    std::int64_t flat = 0;
    for (std::size_t d = 0; d < turns.size(); ++d) flat = flat * turns[d] + index[d];
    std::int64_t number = part->positions->integer(flat);
    std::vector<std::int64_t> entry(indexed.size());
    for (std::size_t d = indexed.size(); d-- > 0; number /= indexed[d]) entry[d] = number % indexed[d];
    index.erase(index.begin(), index.begin() + static_cast<std::ptrdiff_t>(turns.size()));
    index.insert(index.begin(), entry.begin(), entry.end());
  }
  if (index.empty()) return {};
  std::string text = "[";
  for (std::size_t d = 0; d < index.size(); ++d) text += (d ? ", " : "") + std::to_string(index[d] + 1);
  return text + "]";
}

// What a parameter's own support says of its value; empty when the value is fine.
std::string parameter_hint(const DistributionCall& call, std::size_t i, double value) {
  const ParameterRole parameter = role(*call.distribution, call.alternative, i);
  const SupportKind& support = *parameter.support;
  if (support.bounds > 0 || support.event_rank > 0) return {};
  Graph graph;
  if (evaluate(support.contains(graph.constant(value), {})).real(0) != 0) return {};
  return parameter.name + " of " + std::string(call.distribution->name) + " must be " +
         std::string(support.name) + ", but became " + show_real(value);
}

class Diagnosis {
 public:
  Diagnosis(const Problem& whole, const SampledModel& model, const ParameterVector& layout, std::string unit)
      : whole_(whole), model_(model), layout_(layout), unit_(std::move(unit)) {
    for (const Term& term : model.guide_terms) add(term);
    for (const Term& term : model.model_terms) add(term);
    if (const auto& batch = model.problem.model->batch) outputs_.push_back(batch->index);
  }

  // The first density that is not finite, as a diagnostic; nothing when all are finite.
  std::optional<lang::Diagnostic> run(std::span<const double> parameters, std::uint64_t seed,
                                      std::int64_t step) {
    ParameterProgram program(layout_, outputs_, Precision::real64, 1);
    program.run(parameters, seed, static_cast<std::uint32_t>(step));
    for (const Entry& entry : entries_) {
      const std::span<const double> density = program.output(entry.first);
      const auto bad =
          std::find_if(density.begin(), density.end(), [](double v) { return !std::isfinite(v); });
      if (bad == density.end()) continue;
      const Element at = locate(bad - density.begin(), outputs_[entry.first].type());
      return report(program, entry, at, *bad, step);
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    const Term* term;
    std::size_t first;  // output of the density; the value and the parameters follow
  };

  void add(const Term& term) {
    entries_.push_back({&term, outputs_.size()});
    // with the axis of draws, so that positions in it can be read off
    const std::vector<AxisId> plates = plates_of(term.log_density);
    const Shape& event = term.log_density.type().event;
    outputs_.push_back(broadcast_axis(with_leading(term.log_density, plates), model_.sample));
    if (!term.value) return;
    const auto add_value = [&](Expr e) {
      Shape joint;
      if (broadcast(e.type().event, event, joint) && joint == event) e = broadcast(e, {}, event);
      outputs_.push_back(with_leading(e, plates));
    };
    add_value(term.value);
    for (const Expr& parameter : term.call.given) add_value(parameter);
  }

  // The loops around a term, in the order of its statement; those of a factor in the order of their making.
  std::vector<AxisId> plates_of(Expr density) const {
    std::vector<AxisId> axes = density.type().axes;
    std::erase(axes, model_.sample);
    if (entries_.back().term->part != nullptr) return entries_.back().term->part->plates;
    return axes;
  }

  // The entry of a variable that an element is, as the user writes it: of all rows, where a batch was seen.
  std::string entry_of(const ParameterProgram& program, const Term& term, Element at) const {
    if (term.part == nullptr) return {};
    const ModelGraph& seen = term.is_guide ? *model_.problem.guide : *model_.problem.model;
    const RandomVariable& variable = (term.is_guide ? *whole_.guide : *whole_.model).variables[term.variable];
    const auto part = static_cast<std::size_t>(term.part - seen.variables[term.variable].parts.data());
    if (seen.batch && !term.part->plates.empty() && term.part->plates.front() == seen.batch->axis)
      at.index.front() =
          std::llround(program.output(outputs_.size() - 1)[static_cast<std::size_t>(at.index.front())]);
    return subscript(at, &variable.parts[part], variable.indexed);
  }

  lang::Diagnostic report(const ParameterProgram& program, const Entry& entry, const Element& at,
                          double value, std::int64_t step) const {
    const Term& term = *entry.term;
    lang::Diagnostic d;
    d.code = "bad-number";
    d.tier = lang::Tier::numbers;
    d.span = term.span;
    const std::string entry_name = term.name + entry_of(program, term, at);
    const std::string what = term.part != nullptr ? "the log density of `" + entry_name + "`"
                             : term.name.empty()  ? "the factor"
                                                  : term.name;
    d.message = "at " + unit_ + " " + std::to_string(step) + " " + what +
                (term.is_guide ? " in the guide" : "") + " is " + show_real(value);
    if (term.part == nullptr && !term.name.empty() && std::isnan(value))
      d.hint =
          "at some of their values a density is no number: an index may be out of range, or a parameter "
          "outside of where it must lie";
    if (!term.value) return d;
    const auto value_at = [&](std::size_t k) {
      return element_of(program.output(k), outputs_[k].type(), at);
    };
    d.message += " (" + entry_name + " = " + show_real(value_at(entry.first + 1));
    for (std::size_t i = 0; i < term.call.given.size(); ++i) {
      d.message += ", " + role(*term.call.distribution, term.call.alternative, i).name + " = " +
                   show_real(value_at(entry.first + 2 + i));
    }
    d.message += ")";
    for (std::size_t i = 0; i < term.call.given.size() && d.hint.empty(); ++i) {
      d.hint = parameter_hint(term.call, i, value_at(entry.first + 2 + i));
    }
    return d;
  }

  const Problem& whole_;  // with all rows of the data
  const SampledModel& model_;
  const ParameterVector& layout_;
  std::string unit_;
  std::vector<Entry> entries_;
  std::vector<Expr> outputs_;
};

}  // namespace

lang::Diagnostic diagnose(const Problem& problem, const SampledModel& model, const GradientEstimate& estimate,
                          const ParameterVector& layout, std::span<const double> parameters,
                          std::uint64_t seed, std::int64_t step, const std::string& unit) {
  std::optional<lang::Diagnostic> found = Diagnosis(problem, model, layout, unit).run(parameters, seed, step);
  if (!found) {
    // every density is finite: the gradient itself is not
    lang::Diagnostic d;
    d.code = "bad-number";
    d.tier = lang::Tier::numbers;
    d.message = "at " + unit + " " + std::to_string(step) + " the gradient is not finite";
    Estimator again(layout, estimate, {}, Precision::real64, 1);
    again.run(parameters, seed, static_cast<std::uint32_t>(step));
    for (const auto& entry : layout.entries()) {
      const auto part = again.gradient().subspan(entry.first, entry.size);
      if (std::all_of(part.begin(), part.end(), [](double v) { return std::isfinite(v); })) continue;
      d.message = "at " + unit + " " + std::to_string(step) + " the gradient of `" + entry.parameter->name +
                  "` is not finite";
      d.span = entry.parameter->span;
      d.hint = estimate.hint;
      break;
    }
    found = std::move(d);
  }
  return *found;
}

}  // namespace elbo::inference
