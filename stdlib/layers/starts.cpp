// Initialisation of weights. Glorot & Bengio (2010), "Understanding the difficulty of training deep
// feedforward neural networks"; He et al. (2015), "Delving deep into rectifiers"; Saxe, McClelland & Ganguli
// (2014), "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks". Formulas as
// in torch.nn.init.
#include "stdlib/layers/starts.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/program.hpp"

namespace elbo::stdlib {

using runtime::Graph;
using runtime::WeightStart;

namespace {

WeightStart uniform_start(double bound) {
  return [bound](const Shape& shape, std::uint64_t seed) {
    Graph graph;
    const std::array<Expr, 1> draw{bound * (2.0 * runtime::random_uniform(graph, {}, shape) - 1.0)};
    return runtime::evaluate(draw, seed).front();
  };
}

// Rows (or columns, where these are fewer) of length 1 at right angles, uniformly distributed: Q of a matrix
// of normal draws, with the signs of the diagonal of R.
WeightStart orthogonal_start() {
  return [](const Shape& shape, std::uint64_t seed) {
    const std::int64_t rows = shape.empty() ? 1 : shape.front();
    const std::int64_t columns = runtime::element_count(shape) / std::max<std::int64_t>(1, rows);
    const Tensor draws = normal_start(1)({rows, columns}, seed);
    using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Matrix m = Eigen::Map<const Matrix>(draws.values<double>().data(), rows, columns);
    const bool is_wide = rows < columns;
    if (is_wide) m = m.transpose().eval();
    const Eigen::HouseholderQR<Matrix> qr(m);
    Matrix q = qr.householderQ() * Matrix::Identity(m.rows(), m.cols());
    for (Eigen::Index k = 0; k < m.cols(); ++k) {
      if (qr.matrixQR()(k, k) < 0) q.col(k) *= -1;
    }
    if (is_wide) q = q.transpose().eval();
    return Tensor(shape, std::vector<double>(q.data(), q.data() + q.size()));
  };
}

struct Row {
  std::string_view name;
  WeightStart (*make)(const Fan&);
};

double root(double x) { return std::sqrt(x); }
double sum_of(const Fan& fan) { return static_cast<double>(fan.in + fan.out); }

const std::array rows{
    Row{"pytorch", usual_start},
    Row{"xavier_uniform", [](const Fan& fan) { return uniform_start(root(6 / sum_of(fan))); }},
    Row{"xavier_normal", [](const Fan& fan) { return normal_start(root(2 / sum_of(fan))); }},
    Row{"kaiming_uniform",
        [](const Fan& fan) { return uniform_start(root(6 / static_cast<double>(fan.in))); }},
    Row{"kaiming_normal", [](const Fan& fan) { return normal_start(root(2 / static_cast<double>(fan.in))); }},
    Row{"normal", [](const Fan&) { return normal_start(1); }},
    Row{"orthogonal", [](const Fan&) { return orthogonal_start(); }},
    Row{"zeros", [](const Fan&) { return constant_start(0); }},
    Row{"ones", [](const Fan&) { return constant_start(1); }}};

}  // namespace

WeightStart usual_start(const Fan& fan) {
  return uniform_start(1 / root(static_cast<double>(std::max<std::int64_t>(1, fan.in))));
}

WeightStart normal_start(double sd) {
  return [sd](const Shape& shape, std::uint64_t seed) {
    Graph graph;
    const std::array<Expr, 1> draw{sd * runtime::random_normal(graph, {}, shape)};
    return runtime::evaluate(draw, seed).front();
  };
}

WeightStart constant_start(double value) {
  return [value](const Shape& shape, std::uint64_t) {
    const auto count = static_cast<std::size_t>(runtime::element_count(shape));
    return Tensor(shape, std::vector<double>(count, value));
  };
}

std::string start_names() {
  std::string text;
  for (const Row& row : rows) text += (text.empty() ? "\"" : ", \"") + std::string(row.name) + "\"";
  return text;
}

WeightStart start_argument(const Arguments& a, std::size_t i, const Fan& fan) {
  if (!is_given(a, i)) return usual_start(fan);
  const std::string name = runtime::string_argument(a, i, "init");
  std::vector<std::string> names;
  for (const Row& row : rows) {
    if (row.name == name) return row.make(fan);
    names.emplace_back(row.name);
  }
  const std::string near = lang::did_you_mean(name, names);
  fail("bad-argument", "there is no start of weights `" + name + "`", a.spans[i],
       near.empty() ? "there are " + start_names() : near);
}

}  // namespace elbo::stdlib
