// Kernels of Gaussian processes: functions of inputs that give the matrix of covariances of a process's
// values. Sums and products of such matrices are kernels too, so `+` and `*` put them together. Rasmussen,
// Williams, Gaussian Processes for Machine Learning, chapter 4.
#include <cmath>

#include "runtime/program.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

using runtime::Graph;

constexpr const char* category = "kernels";
constexpr double pi = 3.14159265358979323846264338327950288;

/// The arguments of a call as expressions of one graph: that of a symbol among them, or one of their own.
class Operands {
 public:
  explicit Operands(const Arguments& a) : a_(a), graph_(std::make_shared<Graph>()) {
    for (const Value& value : a.values) {
      if (const Symbol* s = symbol(value); s != nullptr && symbol_ == nullptr) symbol_ = s;
    }
    if (symbol_ != nullptr) graph_ = symbol_->graph;
  }

  bool given(std::size_t i) const { return is_given(a_, i); }

  Expr number(std::size_t i, const char* name, double otherwise) const {
    if (!given(i)) return graph_->constant(otherwise);
    const Value value = numeric_argument(a_, i, name);
    if (!shape_of(value).empty()) wrong_type(name, "one number", a_.values[i], a_.spans[i]);
    return to_expr(value, graph_);
  }

  /// Inputs [n, d]; a vector is n inputs of one number each.
  Expr points(std::size_t i, const char* name) const {
    const Value value = numeric_argument(a_, i, name);
    const Shape shape = shape_of(value);
    if (shape.empty() || shape.size() > 2) {
      wrong_type(name, "a vector of inputs, or a matrix with a row for each", a_.values[i], a_.spans[i]);
    }
    const Expr x = to_expr(value, graph_);
    return shape.size() == 2 ? x : runtime::reshape(x, {shape[0], 1});
  }

  /// One number, or one for each column of the inputs.
  Expr length_scale(std::size_t i, std::int64_t columns) const {
    if (!given(i)) return graph_->constant(1.0);
    const Value value = numeric_argument(a_, i, "length_scale");
    const Shape shape = shape_of(value);
    if (!shape.empty() && shape != Shape{columns}) {
      wrong_type("length_scale", "one number, or one for each column of the inputs", a_.values[i],
                 a_.spans[i]);
    }
    return to_expr(value, graph_);
  }

  Value result(Expr expr) const {
    if (symbol_ != nullptr) return symbolic(*symbol_, expr);
    return from_tensor(runtime::evaluate(expr));
  }

 private:
  const Arguments& a_;
  std::shared_ptr<Graph> graph_;
  const Symbol* symbol_ = nullptr;
};

/// The inputs `x` and those that they are paired with (`to`, or the same).
struct Pairs {
  Expr x, to;
  std::int64_t columns;

  Pairs(const Operands& operands, std::size_t to_index, const Arguments& a)
      : x(operands.points(0, "x")),
        to(operands.given(to_index) ? operands.points(to_index, "to") : x),
        columns(x.type().event[1]) {
    if (to.type().event[1] == columns) return;
    fail("shape-mismatch",
         "the inputs `x` have " + std::to_string(columns) + " columns, but `to` has " +
             std::to_string(to.type().event[1]),
         a.spans[to_index]);
  }

  /// x_i - to_j: [n, m, d].
  Expr differences() const {
    const std::int64_t n = x.type().event[0], m = to.type().event[0];
    return runtime::reshape(x, {n, 1, columns}) - runtime::reshape(to, {1, m, columns});
  }

  /// Squared distances in units of the length scale: [n, m].
  Expr squared_distances(Expr length_scale) const {
    return runtime::sum_dim(runtime::square(differences() / length_scale), -1);
  }
};

Value squared_exponential_kernel(Interpreter&, const Arguments& a) {
  const Operands operands(a);
  const Pairs pairs(operands, 3, a);
  const Expr sd = operands.number(1, "sd", 1), scale = operands.length_scale(2, pairs.columns);
  return operands.result(runtime::square(sd) * runtime::exp(-0.5 * pairs.squared_distances(scale)));
}

/// Distances whose gradient at 0 is 0: the root's would be infinite.
Expr root(Expr squares) {
  const Expr zero = squares.graph().constant(0);
  const Expr at_zero = runtime::equal(squares, zero);
  return runtime::select(at_zero, zero, runtime::sqrt(runtime::select(at_zero, zero + 1.0, squares)));
}

Value matern_kernel(Interpreter&, const Arguments& a) {
  const Operands operands(a);
  const Pairs pairs(operands, 4, a);
  const Expr sd = operands.number(1, "sd", 1), scale = operands.length_scale(2, pairs.columns);
  const double smoothness = operands.given(3) ? real_argument(a, 3, "smoothness") : 1.5;
  const Expr r = root(pairs.squared_distances(scale)) * std::sqrt(2 * smoothness);
  Expr polynomial = r.graph().constant(1);
  if (smoothness == 1.5) {
    polynomial = 1.0 + r;
  } else if (smoothness == 2.5) {
    polynomial = 1.0 + r + runtime::square(r) / 3.0;
  } else if (smoothness != 0.5) {
    fail("bad-argument", "`smoothness` must be 0.5, 1.5 or 2.5, but is " + show(a.values[3]), a.spans[3],
         "squared_exponential_kernel is the limit of large smoothness");
  }
  return operands.result(runtime::square(sd) * polynomial * runtime::exp(-r));
}

Value periodic_kernel(Interpreter&, const Arguments& a) {
  const Operands operands(a);
  const Pairs pairs(operands, 4, a);
  const Expr sd = operands.number(1, "sd", 1), scale = operands.length_scale(2, pairs.columns);
  const Expr period = operands.number(3, "period", 1);
  const Expr waves = runtime::sin(pi * pairs.differences() / period) / scale;
  return operands.result(runtime::square(sd) *
                         runtime::exp(-2.0 * runtime::sum_dim(runtime::square(waves), -1)));
}

Value linear_kernel(Interpreter&, const Arguments& a) {
  const Operands operands(a);
  const Pairs pairs(operands, 3, a);
  const Expr sd = operands.number(1, "sd", 1), center = operands.number(2, "center", 0);
  return operands.result(runtime::square(sd) *
                         runtime::matmul(pairs.x - center, runtime::permute(pairs.to - center, {1, 0})));
}

}  // namespace

std::vector<runtime::Function> kernel_functions() {
  return {
      {"squared_exponential_kernel", "squared_exponential_kernel(x, sd = 1, length_scale = 1, to = none)",
       "covariances of a very smooth process at the inputs x (or between those and `to`); length_scale may "
       "be "
       "one for each column of x — e.g. squared_exponential_kernel([0, 1], 2, 1)",
       category, squared_exponential_kernel},
      {"matern_kernel", "matern_kernel(x, sd = 1, length_scale = 1, smoothness = 1.5, to = none)",
       "covariances of a process that has derivatives up to `smoothness` 0.5, 1.5 or 2.5 — e.g. "
       "matern_kernel([0, 1], 2, 1, smoothness = 0.5)",
       category, matern_kernel},
      {"periodic_kernel", "periodic_kernel(x, sd = 1, length_scale = 1, period = 1, to = none)",
       "covariances of a process that repeats itself after `period` — e.g. periodic_kernel([0, 7], period = "
       "7)",
       category, periodic_kernel},
      {"linear_kernel", "linear_kernel(x, sd = 1, center = 0, to = none)",
       "covariances of straight lines through 0 at `center` — e.g. linear_kernel([1, 2]) is [[1, 2], [2, 4]]",
       category, linear_kernel},
  };
}

}  // namespace elbo::stdlib
