#include "graph_checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "graph_rules.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::tests {

using runtime::Node;
using runtime::Precision;

// The value of a node at a point of a larger space: its own axes by name, its event dimensions from the
// right.
double Reference::at(NodeId id, const Place& place) const {
  const Type& type = graph_.node(id).type;
  std::int64_t flat = 0;
  for (const AxisId axis : type.axes) flat = flat * graph_.axis(axis).size + place.axes[axis];
  const std::size_t extra = place.event.size() - type.event.size();
  for (std::size_t d = 0; d < type.event.size(); ++d) {
    flat = flat * type.event[d] + (type.event[d] == 1 ? 0 : place.event[extra + d]);
  }
  return values_.at(id)[static_cast<std::size_t>(flat)];
}

// The rules by name of operation.
struct Rules : RuleBase {
  void elementwise() {
    const auto kernel = runtime::kernels(Precision::real64).*(node.operation->elementwise);
    fill([&](const Place& place, std::int64_t) {
      double operands[3] = {}, result = 0;
      runtime::Lanes lanes[3];
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        operands[i] = in(i, place);
        lanes[i] = {&operands[i], 1};
      }
      kernel(&result, lanes, 1);
      return result;
    });
  }

  void random(std::uint64_t seed, std::uint32_t step) {
    const auto kernel = runtime::kernels(Precision::real64).*(node.operation->random);
    fill([&](const Place& place, std::int64_t flat) {
      double operands[3] = {}, result = 0;
      runtime::Lanes lanes[3];
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        operands[i] = in(i, place);
        lanes[i] = {&operands[i], 1};
      }
      kernel(&result, lanes, 1,
             {seed, static_cast<std::uint32_t>(integer(0)), step, static_cast<std::uint64_t>(flat)});
      return result;
    });
  }

  void reduce(long double start, long double (*combine)(long double, long double)) {
    const runtime::Reduction r = runtime::reduction(node.attributes);
    std::vector<long double> totals(out.size(), start);
    reference.for_each(type(0), [&](Place& place, std::int64_t) {
      std::int64_t flat = 0;
      for (const AxisId a : node.type.axes) flat = flat * reference.graph_.axis(a).size + place.axes[a];
      for (std::size_t d = 0; d < place.event.size(); ++d) {
        if (std::find(r.dims.begin(), r.dims.end(), static_cast<std::int64_t>(d)) != r.dims.end()) continue;
        flat = flat * type(0).event[d] + place.event[d];
      }
      long double& total = totals[static_cast<std::size_t>(flat)];
      total = combine(total, in(0, place));
    });
    std::transform(totals.begin(), totals.end(), out.begin(),
                   [](long double t) { return static_cast<double>(t); });
  }

  void reshape() {
    fill([&](Place& place, std::int64_t flat) {
      std::int64_t rest = flat % std::max<std::int64_t>(1, runtime::element_count(node.type.event));
      Place from{place.axes, Shape(type(0).event.size(), 0)};
      for (std::size_t d = from.event.size(); d-- > 0;) {
        from.event[d] = rest % type(0).event[d];
        rest /= type(0).event[d];
      }
      return in(0, from);
    });
  }

  void permute() {
    fill([&](Place& place, std::int64_t) {
      Place from{place.axes, Shape(place.event.size(), 0)};
      for (std::size_t d = 0; d < place.event.size(); ++d) {
        from.event[static_cast<std::size_t>(integer(d))] = place.event[d];
      }
      return in(0, from);
    });
  }

  void to_axis() {
    fill([&](Place place, std::int64_t) {
      place.event.insert(place.event.begin() + integer(0), place.axes[static_cast<std::size_t>(integer(1))]);
      return in(0, place);
    });
  }

  void to_event() {
    fill([&](Place place, std::int64_t) {
      const auto dim = place.event.begin() + integer(1);
      place.axes[static_cast<std::size_t>(integer(0))] = *dim;
      place.event.erase(dim);
      return in(0, place);
    });
  }

  void gather() {
    const auto dim = static_cast<std::ptrdiff_t>(integer(0));
    const auto rank = static_cast<std::ptrdiff_t>(type(1).event.size());
    fill([&](Place place, std::int64_t) {
      const auto first = place.event.begin() + dim;
      const double index = in(1, {place.axes, Shape(first, first + rank)});
      place.event.erase(first, first + rank);
      if (!(index >= 0 && index < static_cast<double>(type(0).event[static_cast<std::size_t>(dim)]))) {
        return std::numeric_limits<double>::quiet_NaN();
      }
      place.event.insert(place.event.begin() + dim, static_cast<std::int64_t>(index));
      return in(0, place);
    });
  }

  void scatter_add() {
    const auto dim = static_cast<std::ptrdiff_t>(integer(0));
    const auto rank = static_cast<std::ptrdiff_t>(type(1).event.size());
    std::fill(out.begin(), out.end(), 0.0);
    // the index may have axes that the scattered value lacks
    Type space = type(0);
    space.axes = runtime::union_axes(std::array{type(0), type(1)});
    reference.for_each(space, [&](Place& place, std::int64_t) {
      const auto first = place.event.begin() + dim;
      const double index = in(1, {place.axes, Shape(first, first + rank)});
      if (!(index >= 0 && index < static_cast<double>(integer(1)))) return;
      Shape event = place.event;
      event.erase(event.begin() + dim, event.begin() + dim + rank);
      event.insert(event.begin() + dim, static_cast<std::int64_t>(index));
      std::int64_t flat = 0;
      for (const AxisId a : node.type.axes) flat = flat * reference.graph_.axis(a).size + place.axes[a];
      for (std::size_t d = 0; d < event.size(); ++d) flat = flat * node.type.event[d] + event[d];
      out[static_cast<std::size_t>(flat)] += in(0, place);
    });
  }

  void concatenate() {
    const auto dim = static_cast<std::size_t>(integer(0));
    fill([&](Place place, std::int64_t) {
      std::size_t part = 0;
      while (place.event[dim] >= type(part).event[dim]) place.event[dim] -= type(part++).event[dim];
      return in(part, place);
    });
  }

  void cumsum() {
    const auto dim = static_cast<std::size_t>(integer(0));
    fill([&](Place place, std::int64_t) {
      long double total = 0;
      const std::int64_t here = place.event[dim];
      const std::int64_t first = integer(1) ? here : 0, last = integer(1) ? type(0).event[dim] - 1 : here;
      for (std::int64_t k = first; k <= last; ++k) {
        place.event[dim] = k;
        total += in(0, place);
      }
      return static_cast<double>(total);
    });
  }

  void matmul() {
    fill([&](const Place& place, std::int64_t) {
      long double total = 0;
      for (std::int64_t k = 0; k < type(0).event[1]; ++k) {
        total += static_cast<long double>(in(0, {place.axes, {place.event[0], k}})) *
                 in(1, {place.axes, {k, place.event[1]}});
      }
      return static_cast<double>(total);
    });
  }

  // The rows of input `i` at the axes of `place`, row-major.
  std::vector<std::vector<long double>> matrix(std::size_t i, const Place& place) const {
    std::vector<std::vector<long double>> rows;
    for (std::int64_t r = 0; r < type(i).event[0]; ++r) {
      rows.emplace_back();
      for (std::int64_t c = 0; c < type(i).event[1]; ++c) rows.back().push_back(in(i, {place.axes, {r, c}}));
    }
    return rows;
  }

  void cholesky() {
    fill([&](const Place& place, std::int64_t) {
      const auto a = matrix(0, place);
      auto l = a;
      for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
          long double rest = a[i][j];
          for (std::size_t k = 0; k < j; ++k) rest -= l[i][k] * l[j][k];
          l[i][j] = j > i ? 0 : j == i ? std::sqrt(rest) : rest / l[j][j];
        }
      }
      return static_cast<double>(
          l[static_cast<std::size_t>(place.event[0])][static_cast<std::size_t>(place.event[1])]);
    });
  }

  // Gauss-Jordan elimination with partial pivoting of a X = b; returns the absolute value of the determinant.
  static long double eliminate(std::vector<std::vector<long double>>& a,
                               std::vector<std::vector<long double>>& b) {
    long double determinant = 1;
    for (std::size_t k = 0; k < a.size(); ++k) {
      std::size_t pivot = k;
      for (std::size_t i = k; i < a.size(); ++i) {
        if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
      }
      std::swap(a[k], a[pivot]);
      std::swap(b[k], b[pivot]);
      determinant *= std::abs(a[k][k]);
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (i == k) continue;
        const long double factor = a[i][k] / a[k][k];
        for (std::size_t j = 0; j < a.size(); ++j) a[i][j] -= factor * a[k][j];
        for (std::size_t j = 0; j < b[i].size(); ++j) b[i][j] -= factor * b[k][j];
      }
      for (auto& value : b[k]) value /= a[k][k];
      for (std::size_t j = a.size(); j-- > 0;) a[k][j] /= j == k ? 1 : a[k][k];
      a[k][k] = 1;
    }
    return determinant;
  }

  void solve(bool is_triangular) {
    fill([&](const Place& place, std::int64_t) {
      auto a = matrix(0, place), b = matrix(1, place);
      if (is_triangular) {
        for (std::size_t i = 0; i < a.size(); ++i) {
          for (std::size_t j = i + 1; j < a.size(); ++j) a[i][j] = 0;
        }
        if (integer(0) == 1) {
          for (std::size_t i = 0; i < a.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) std::swap(a[i][j], a[j][i]);
          }
        }
      }
      eliminate(a, b);
      return static_cast<double>(
          b[static_cast<std::size_t>(place.event[0])][static_cast<std::size_t>(place.event[1])]);
    });
  }

  // By the normal equations.
  void least_squares() {
    fill([&](const Place& place, std::int64_t) {
      const auto a = matrix(0, place), b = matrix(1, place);
      const std::size_t columns = a[0].size(), targets = b[0].size();
      std::vector<std::vector<long double>> gram(columns, std::vector<long double>(columns)),
          image(columns, std::vector<long double>(targets));
      for (std::size_t row = 0; row < a.size(); ++row) {
        for (std::size_t i = 0; i < columns; ++i) {
          for (std::size_t j = 0; j < columns; ++j) gram[i][j] += a[row][i] * a[row][j];
          for (std::size_t j = 0; j < targets; ++j) image[i][j] += a[row][i] * b[row][j];
        }
      }
      eliminate(gram, image);
      return static_cast<double>(
          image[static_cast<std::size_t>(place.event[0])][static_cast<std::size_t>(place.event[1])]);
    });
  }

  void log_det() {
    fill([&](const Place& place, std::int64_t) {
      auto a = matrix(0, place);
      std::vector<std::vector<long double>> nothing(a.size());
      return static_cast<double>(std::log(eliminate(a, nothing)));
    });
  }

  void copy() {
    fill([&](const Place& place, std::int64_t) { return in(0, place); });
  }
};

namespace {

const long double infinity = std::numeric_limits<long double>::infinity();

long double larger(long double a, long double b) { return b > a || std::isnan(b) ? b : a; }
long double smaller(long double a, long double b) { return b < a || std::isnan(b) ? b : a; }

const std::map<std::string_view, void (*)(Rules&)> rules{
    {"sum", [](Rules& r) { r.reduce(0, [](long double a, long double b) { return a + b; }); }},
    {"product", [](Rules& r) { r.reduce(1, [](long double a, long double b) { return a * b; }); }},
    {"max", [](Rules& r) { r.reduce(-infinity, larger); }},
    {"min", [](Rules& r) { r.reduce(infinity, smaller); }},
    {"cumsum", [](Rules& r) { r.cumsum(); }},
    {"broadcast", [](Rules& r) { r.copy(); }},
    {"stop_gradient", [](Rules& r) { r.copy(); }},
    {"with_gradient_of", [](Rules& r) { r.copy(); }},
    {"reshape", [](Rules& r) { r.reshape(); }},
    {"permute", [](Rules& r) { r.permute(); }},
    {"to_axis", [](Rules& r) { r.to_axis(); }},
    {"to_event", [](Rules& r) { r.to_event(); }},
    {"scan", [](Rules& r) { apply_scan(r); }},
    {"scan_output", [](Rules& r) { apply_scan_output(r); }},
    {"convolve", [](Rules& r) { apply_convolve(r); }},
    {"convolve_transpose", [](Rules& r) { apply_convolve_transpose(r); }},
    {"convolve_weight", [](Rules& r) { apply_convolve_weight(r); }},
    {"pool_sum", [](Rules& r) { apply_pool_sum(r); }},
    {"pool_spread", [](Rules& r) { apply_pool_spread(r); }},
    {"pool_max", [](Rules& r) { apply_pool_max(r); }},
    {"pool_max_spread", [](Rules& r) { apply_pool_max_spread(r); }},
    {"followed", [](Rules& r) { r.copy(); }},
    {"plate_mean", [](Rules& r) { apply_plate_mean(r); }},
    {"training", [](Rules& r) { r.fill([](auto&, auto) { return 0.0; }); }},
    {"gather", [](Rules& r) { r.gather(); }},
    {"scatter_add", [](Rules& r) { r.scatter_add(); }},
    {"concatenate", [](Rules& r) { r.concatenate(); }},
    {"matmul", [](Rules& r) { r.matmul(); }},
    {"cholesky", [](Rules& r) { r.cholesky(); }},
    {"solve", [](Rules& r) { r.solve(false); }},
    {"solve_triangular", [](Rules& r) { r.solve(true); }},
    {"log_det", [](Rules& r) { r.log_det(); }},
    {"least_squares", [](Rules& r) { r.least_squares(); }},
};

}  // namespace

Reference::Reference(const Graph& graph, const Given& given, double noise, std::uint64_t noise_seed)
    : graph_(graph), noise_(noise), generator_(noise_seed) {
  for (const auto& [input, numbers] : given) values_[input.id()] = numbers;
}

Numbers Reference::compute(NodeId id) {
  const Node& node = graph_.node(id);
  if (node.operation == &runtime::constant_operation) return node.attributes.tensor->reals();
  Numbers out(static_cast<std::size_t>(graph_.element_count(node.type)));
  Rules r{{*this, node, out}};
  if (node.operation->elementwise) {
    r.elementwise();
  } else if (node.operation->random) {
    r.random(seed_, step_);
  } else {
    rules.at(node.operation->name)(r);
  }
  if (noise_ > 0) {
    std::uniform_real_distribution<double> u(-1, 1);
    for (double& value : out) value *= 1 + noise_ * u(generator_);
  }
  return out;
}

const Numbers& Reference::operator()(Expr e) {
  for (const NodeId id : runtime::topological_order(graph_, std::span(&e, 1))) {
    if (!values_.count(id)) values_[id] = compute(id);
  }
  return values_.at(e.id());
}

std::vector<Numbers> run(std::span<const Expr> roots, const Given& given, const RunOptions& options) {
  std::vector<Expr> inputs;
  for (const auto& [input, numbers] : given) inputs.push_back(input);
  runtime::Execution execution(runtime::plan(roots, inputs, options.plan), options.threads);
  for (std::size_t i = 0; i < given.size(); ++i) execution.set_input(i, given[i].second);
  execution.set_random(options.seed, options.step);
  execution.run();
  std::vector<Numbers> result;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const auto values = execution.output(i);
    result.emplace_back(values.begin(), values.end());
  }
  return result;
}

Numbers run(Expr root, const Given& given, const RunOptions& options) {
  return run(std::span(&root, 1), given, options).front();
}

Numbers uniform(std::mt19937_64& generator, std::int64_t count, double lower, double upper) {
  std::uniform_real_distribution<double> u(lower, upper);
  Numbers numbers(static_cast<std::size_t>(count));
  for (double& x : numbers) x = u(generator);
  return numbers;
}

bool same(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

double distance(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    const double d = std::abs(a[i] - b[i]) / (1 + std::abs(b[i]));
    if (!(d <= largest)) largest = std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
  }
  return largest;
}

std::int64_t count(Expr e) { return e.graph().element_count(e.type()); }

}  // namespace elbo::tests
