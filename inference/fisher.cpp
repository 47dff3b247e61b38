// Fisher information by the chain rule. No loop runs over parameters or observations: the directions of all
// parameters are one axis, along which tangents are computed by differentiating a reverse pass.
#include "inference/fisher.hpp"

#include <algorithm>

#include "lang/diagnostic.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// The parameters, each seen once per direction, and the directions: the rows of the identity.
struct Directions {
  Graph& graph;
  AxisId axis;
  std::int64_t count = 0;
  std::vector<Expr> lifted;  // {axis}[event]
  std::vector<Expr> unit;    // {axis}[event]: entry p of row p
  Replacements to_lifted;
};

Directions directions(std::span<const Expr> parameters) {
  Graph& graph = parameters[0].graph();
  std::int64_t count = 0;
  for (const Expr& p : parameters) count += element_count(p.type().event);
  Directions result{graph, graph.add_axis("direction", count, AxisKind::plate), count, {}, {}, {}};
  std::int64_t first = 0;
  for (const Expr& p : parameters) {
    const std::int64_t size = element_count(p.type().event);
    std::vector<double> rows(static_cast<std::size_t>(count * size), 0.0);
    for (std::int64_t i = 0; i < size; ++i) rows[static_cast<std::size_t>((first + i) * size + i)] = 1;
    Shape shape{count};
    shape.insert(shape.end(), p.type().event.begin(), p.type().event.end());
    result.unit.push_back(graph.constant(Tensor(shape, std::move(rows)), {result.axis}));
    result.lifted.push_back(broadcast_axis(p, result.axis));
    result.to_lifted[p.id()] = result.lifted.back();
    first += size;
  }
  return result;
}

bool moves(const Directions& d, Expr value) {
  return std::any_of(d.lifted.begin(), d.lifted.end(), [&](Expr p) { return depends_on(value, p); });
}

// Derivative of a value (of the lifted parameters) along each direction: the cotangent's own derivative,
// since the reverse pass is linear in the cotangent that enters it.
Expr tangent(const Directions& d, Expr value) {
  Graph& graph = d.graph;
  const Expr cotangent = graph.input("cotangent", value.type());
  const std::vector<Expr> pulled = pull_back(std::span(&value, 1), std::span(&cotangent, 1), d.lifted);
  Expr product;
  for (std::size_t p = 0; p < pulled.size(); ++p) {
    if (!pulled[p]) continue;
    const Expr part = sum_all(pulled[p] * d.unit[p]);
    product = product ? product + part : part;
  }
  Expr result = gradient(product, std::span(&cotangent, 1))[0];
  const Replacements none{
      {cotangent.id(), broadcast(graph.constant(0), value.type().axes, value.type().event)}};
  return substitute(result, none);
}

// {direction, plates…}[event…] as a matrix [directions, the rest].
Expr as_matrix(const Directions& d, Expr x) {
  for (const AxisId axis : std::vector<AxisId>(x.type().axes)) {
    if (axis != d.axis) x = to_event(x, axis, 0);
  }
  x = to_event(x, d.axis, 0);
  return reshape(x, {d.count, element_count(x.type().event) / d.count});
}

// What the information is summed from: tangents of some quantities, and the information times these.
struct Products {
  std::vector<Expr> tangents, images;
  std::int64_t elements =
      1;  // distributions that the parameters describe: not the observations, which may share one
};

std::int64_t elements_of(const Directions& d, const Type& type) {
  Type each = type;
  std::erase(each.axes, d.axis);
  return d.graph.element_count(each);
}

// In natural parameters the information is the Hessian of the log-partition function.
Products by_exponential_family(const Directions& d, const ExponentialFamily& family,
                               std::span<const Expr> canonical) {
  const std::vector<Expr> natural = family.natural_parameters(canonical);
  std::vector<Expr> variables, tangents;
  Replacements values;
  for (const Expr& eta : natural) {
    const Expr lifted = broadcast_axis(eta, d.axis);
    variables.push_back(d.graph.input("natural parameter", lifted.type()));
    values[variables.back().id()] = lifted;
    const bool fixed = !moves(d, eta);
    tangents.push_back(fixed ? broadcast(d.graph.constant(0), lifted.type().axes, lifted.type().event)
                             : tangent(d, lifted));
  }
  const Expr log_partition = family.log_partition(variables, canonical);
  const std::vector<Expr> means = gradient(sum_all(log_partition), variables);
  Expr along;
  for (std::size_t i = 0; i < means.size(); ++i) {
    const Expr part = sum_all(means[i] * tangents[i]);
    along = along ? along + part : part;
  }
  Products result;
  result.elements = elements_of(d, log_partition.type());
  result.images = substitute(gradient(along, variables), values);
  result.tangents = std::move(tangents);
  return result;
}

Products by_closed_form(const Directions& d, const Distribution& distribution,
                        std::span<const Expr> canonical) {
  Expr joint = canonical[0];
  for (std::size_t i = 1; i < canonical.size(); ++i) joint = joint + canonical[i];
  joint = broadcast_axis(joint, d.axis);
  const auto whole = [&](Expr x) { return broadcast(x, joint.type().axes, joint.type().event); };
  const std::vector<Expr> upper = distribution.fisher(canonical);
  const std::size_t n = canonical.size();
  Products result;
  result.elements = elements_of(d, joint.type());
  for (const Expr& parameter : canonical) {
    result.tangents.push_back(moves(d, parameter) ? whole(tangent(d, broadcast_axis(parameter, d.axis)))
                                                  : whole(d.graph.constant(0)));
  }
  for (std::size_t i = 0; i < n; ++i) {
    Expr image;
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t a = std::min(i, j), b = std::max(i, j);
      const Expr part = upper[a * n - a * (a + 1) / 2 + b] * result.tangents[j];
      image = image ? image + part : part;
    }
    result.images.push_back(whole(image));
  }
  return result;
}

[[noreturn]] void refuse(const Term& term, const std::string& what) {
  fail("no-fisher-information", what, term.span,
       "a natural gradient needs it: leave `natural` out, or use another optimizer, such as adam(0.05)");
}

Products products(const Directions& d, const Term& term) {
  if (!term.call.distribution) refuse(term, "a factor has no Fisher information");
  const Distribution& distribution = *term.call.distribution;
  std::vector<Expr> canonical = substitute(term.call.canonical, d.to_lifted);
  // Each of the distribution's own parameters is asked for only where the script's parameters reach it.
  if (distribution.exponential_family)
    return by_exponential_family(d, *distribution.exponential_family, canonical);
  if (distribution.fisher) return by_closed_form(d, distribution, canonical);
  refuse(term, "the Fisher information of " + std::string(distribution.name) + " has no closed form");
}

// What no direction enters is computed once, not once per direction: the parameters themselves again, in
// place of those that the derivatives needed.
void seen_once(const Directions& d, std::span<const Expr> parameters, Products& parts) {
  Replacements once;
  for (std::size_t p = 0; p < parameters.size(); ++p) once[d.lifted[p].id()] = parameters[p];
  for (std::vector<Expr>* list : {&parts.tangents, &parts.images}) {
    for (Expr& e : *list) {
      const Type type = e.type();
      e = broadcast(substitute(e, once), type.axes, type.event);
    }
  }
}

bool is_reached(const Directions& d, const Term& term) {
  if (!term.call.distribution) return true;
  const std::vector<Expr> canonical = substitute(term.call.canonical, d.to_lifted);
  return std::any_of(canonical.begin(), canonical.end(), [&](Expr e) { return moves(d, e); });
}

// 1 for entries within one parameter, 0 elsewhere.
Expr block_mask(Graph& graph, std::span<const Expr> parameters, std::int64_t count) {
  std::vector<double> mask(static_cast<std::size_t>(count * count), 0.0);
  std::int64_t first = 0;
  for (const Expr& p : parameters) {
    const std::int64_t size = element_count(p.type().event);
    for (std::int64_t i = first; i < first + size; ++i) {
      for (std::int64_t j = first; j < first + size; ++j) mask[static_cast<std::size_t>(i * count + j)] = 1;
    }
    first += size;
  }
  return graph.constant(Tensor({count, count}, std::move(mask)));
}

}  // namespace

Expr fisher_information(std::span<const Term> terms, std::span<const Expr> parameters,
                        FisherStructure structure) {
  const Directions d = directions(parameters);
  const bool diagonal = structure == FisherStructure::diagonal;
  Expr total;
  for (const Term& term : terms) {
    if (!is_reached(d, term)) continue;
    Products parts = products(d, term);
    seen_once(d, parameters, parts);
    const double shared = term.weight * static_cast<double>(d.graph.element_count(term.log_density.type())) /
                          static_cast<double>(parts.elements);
    for (std::size_t i = 0; i < parts.tangents.size(); ++i) {
      const Expr t = as_matrix(d, parts.tangents[i]), image = as_matrix(d, parts.images[i]);
      const Expr part = shared * (diagonal ? sum_dim(t * image, 1) : matmul(t, permute(image, {1, 0})));
      total = total ? total + part : part;
    }
  }
  if (!total) {
    const Shape shape = diagonal ? Shape{d.count} : Shape{d.count, d.count};
    return broadcast(d.graph.constant(0), {}, shape);
  }
  return structure == FisherStructure::block ? total * block_mask(d.graph, parameters, d.count) : total;
}

std::vector<Expr> natural_gradient(Expr fisher, FisherStructure structure, double damping,
                                   std::span<const Expr> gradients) {
  Graph& graph = fisher.graph();
  std::vector<Expr> flat;
  for (const Expr& g : gradients) flat.push_back(reshape(g, {element_count(g.type().event)}));
  const Expr g = flat.size() == 1 ? flat[0] : concatenate(flat, 0);
  const std::int64_t count = g.type().event[0];
  Expr direction;
  if (structure == FisherStructure::diagonal) {
    direction = g / (fisher + damping);
  } else {
    Expr matrix = fisher;
    if (damping > 0) {
      std::vector<double> identity(static_cast<std::size_t>(count * count), 0.0);
      for (std::int64_t i = 0; i < count; ++i) identity[static_cast<std::size_t>(i * count + i)] = damping;
      matrix = matrix + graph.constant(Tensor({count, count}, std::move(identity)));
    }
    direction = reshape(graph.add(solve_operation, {matrix, reshape(g, {count, 1})}), {count});
  }
  std::vector<Expr> result;
  std::int64_t first = 0;
  for (const Expr& part : gradients) {
    const std::int64_t size = element_count(part.type().event);
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < size; ++i) places.push_back(first + i);
    const Expr taken = gather(direction, graph.constant(Tensor({size}, std::move(places))), 0);
    result.push_back(reshape(taken, part.type().event));
    first += size;
  }
  return result;
}

}  // namespace elbo::inference
