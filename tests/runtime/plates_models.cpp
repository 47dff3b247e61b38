// Models with loops against plain hand-written evaluations: log density and gradient to 1e-12, whatever the
// shape of the loop. The gradients of the hand-written side come from dual numbers, which share no code with
// the program.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/program.hpp"
#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;
using namespace elbo::runtime;

namespace {

// A value with its derivatives by all latent numbers.
struct Dual {
  double v = 0;
  std::vector<double> d;
};
Dual map(const Dual& a, double value, double slope) {
  Dual r{value, a.d};
  for (double& x : r.d) x *= slope;
  return r;
}
Dual join(const Dual& a, const Dual& b, double value, double da, double db) {
  Dual r{value, std::vector<double>(std::max(a.d.size(), b.d.size()))};
  for (std::size_t i = 0; i < r.d.size(); ++i) {
    r.d[i] = (i < a.d.size() ? da * a.d[i] : 0) + (i < b.d.size() ? db * b.d[i] : 0);
  }
  return r;
}
Dual num(double x) { return {x, {}}; }
Dual operator+(const Dual& a, const Dual& b) { return join(a, b, a.v + b.v, 1, 1); }
Dual operator-(const Dual& a, const Dual& b) { return join(a, b, a.v - b.v, 1, -1); }
Dual operator*(const Dual& a, const Dual& b) { return join(a, b, a.v * b.v, b.v, a.v); }
Dual operator/(const Dual& a, const Dual& b) { return join(a, b, a.v / b.v, 1 / b.v, -a.v / (b.v * b.v)); }
Dual log(const Dual& a) { return map(a, std::log(a.v), 1 / a.v); }
Dual exp(const Dual& a) { return map(a, std::exp(a.v), std::exp(a.v)); }
Dual sqrt(const Dual& a) { return map(a, std::sqrt(a.v), 0.5 / std::sqrt(a.v)); }

Dual normal(const Dual& x, const Dual& mean, const Dual& sd) {
  const Dual z = (x - mean) / sd;
  return num(-0.5 * std::log(2 * M_PI)) - log(sd) - num(0.5) * z * z;
}
Dual gamma11(const Dual& x) { return num(0) - x; }  // Gamma(1, 1)

using Latents = std::vector<Dual>;  // all latent numbers, in the order of the model's variables, row-major
struct Case {
  const char* name;
  const char* script;
  std::function<Dual(const Latents&)> log_density;
};

const std::vector<Case> cases{
    {"eight schools, centred",
     "model m(J, y, s) { mu ~ Normal(0, 5)\n tau ~ Gamma(1, 1)\n"
     "for j in 1:J { theta[j] ~ Normal(mu, tau)\n y[j] ~ Normal(theta[j], s[j]) } }\n m(3, [1.0, 4, -2], [1, "
     "2, 1.5])",
     [](const Latents& z) {
       const double y[] = {1, 4, -2}, s[] = {1, 2, 1.5};
       Dual t = normal(z[0], num(0), num(5)) + gamma11(z[1]);
       for (int j = 0; j < 3; ++j)
         t = t + normal(z[2 + static_cast<std::size_t>(j)], z[0], z[1]) +
             normal(num(y[j]), z[2 + static_cast<std::size_t>(j)], num(s[j]));
       return t;
     }},
    {"eight schools, non-centred, with a deterministic array",
     "model m(J, y, s) { mu ~ Normal(0, 5)\n tau ~ Gamma(1, 1)\n"
     "for j in 1:J { raw[j] ~ Normal(0, 1)\n let theta[j] = mu + tau * raw[j]\n y[j] ~ Normal(theta[j], "
     "s[j]) } }\n"
     "m(3, [1.0, 4, -2], [1, 2, 1.5])",
     [](const Latents& z) {
       const double y[] = {1, 4, -2}, s[] = {1, 2, 1.5};
       Dual t = normal(z[0], num(0), num(5)) + gamma11(z[1]);
       for (std::size_t j = 0; j < 3; ++j)
         t = t + normal(z[2 + j], num(0), num(1)) + normal(num(y[j]), z[0] + z[1] * z[2 + j], num(s[j]));
       return t;
     }},
    {"linear regression with rows of a matrix",
     "model m(x, y) { beta ~ Normal(0, 2, size = 2)\n s ~ Gamma(1, 1)\n"
     "for n in 1:3 { y[n] ~ Normal(x[n] @ beta, s) } }\n m([[1, 0.5], [1, -1], [1, 2]], [0.3, 1, 2])",
     [](const Latents& z) {
       const double x[] = {0.5, -1, 2}, y[] = {0.3, 1, 2};
       Dual t = normal(z[0], num(0), num(2)) + normal(z[1], num(0), num(2)) + gamma11(z[2]);
       for (int n = 0; n < 3; ++n) t = t + normal(num(y[n]), z[0] + num(x[n]) * z[1], z[2]);
       return t;
     }},
    {"logistic regression",
     "model m(x, y) { a ~ Normal(0, 1)\n b ~ Normal(0, 1)\n"
     "for n in 1:4 { let p = 1 / (1 + exp(-(a + b * x[n])))\n y[n] ~ Bernoulli(p) } }\n"
     "m([0.5, -1, 2, 0.1], [1, 0, 1, 0])",
     [](const Latents& z) {
       const double x[] = {0.5, -1, 2, 0.1}, y[] = {1, 0, 1, 0};
       Dual t = normal(z[0], num(0), num(1)) + normal(z[1], num(0), num(1));
       for (int n = 0; n < 4; ++n) {
         const Dual p = num(1) / (num(1) + exp(num(0) - z[0] - z[1] * num(x[n])));
         t = t + (y[n] == 1 ? log(p) : log(num(1) - p));
       }
       return t;
     }},
    {"groups by an index array",
     "model m(county, x, y) { mu ~ Normal(0, 1)\n s ~ Gamma(1, 1)\n for j in 1:3 { a[j] ~ Normal(mu, 1) }\n"
     "for n in 1:5 { y[n] ~ Normal(a[county[n]] + 0.5 * x[n], s) } }\n"
     "m([2, 1, 3, 3, 2], [0.1, 0.2, 0.3, 0.4, 0.5], [1.0, 2, 3, 4, 5])",
     [](const Latents& z) {
       const std::size_t county[] = {2, 1, 3, 3, 2};
       Dual t = normal(z[0], num(0), num(1)) + gamma11(z[1]);
       for (std::size_t j = 0; j < 3; ++j) t = t + normal(z[2 + j], z[0], num(1));
       for (int n = 0; n < 5; ++n)
         t = t + normal(num(n + 1), z[1 + county[n]] + num(0.5 * 0.1 * (n + 1)), z[1]);
       return t;
     }},
    {"a random walk: one variable from two index sets, shifted",
     "model m(y) { z[1] ~ Normal(0, 1)\n for t in 2:5 { z[t] ~ Normal(z[t - 1], 0.5) }\n"
     "for t in 1:5 { y[t] ~ Normal(z[t], 0.2) } }\n m([0.1, 0.4, 0.3, 0.9, 1.2])",
     [](const Latents& z) {
       const double y[] = {0.1, 0.4, 0.3, 0.9, 1.2};
       Dual t = normal(z[0], num(0), num(1));
       for (std::size_t i = 1; i < 5; ++i) t = t + normal(z[i], z[i - 1], num(0.5));
       for (std::size_t i = 0; i < 5; ++i) t = t + normal(num(y[i]), z[i], num(0.2));
       return t;
     }},
    {"an autoregression on shifted data",
     "model m(y) { a ~ Normal(0, 1)\n b ~ Normal(0, 1)\n for t in 3:6 { y[t] ~ Normal(a * y[t - 1] + b * y[t "
     "- 2], 1) } }\n"
     "m([0.1, 0.4, 0.3, 0.9, 1.2, 0.7])",
     [](const Latents& z) {
       const double y[] = {0.1, 0.4, 0.3, 0.9, 1.2, 0.7};
       Dual t = normal(z[0], num(0), num(1)) + normal(z[1], num(0), num(1));
       for (int i = 2; i < 6; ++i)
         t = t + normal(num(y[i]), z[0] * num(y[i - 1]) + z[1] * num(y[i - 2]), num(1));
       return t;
     }},
    {"nested loops",
     "model m(y) { mu ~ Normal(0, 1)\n for i in 1:2 { a[i] ~ Normal(mu, 1)\n for j in 1:3 { b[i, j] ~ "
     "Normal(a[i], 2)\n"
     "y[i, j] ~ Normal(b[i, j], 0.5) } } }\n m([[1.0, 2, 3], [4, 5, 6]])",
     [](const Latents& z) {
       Dual t = normal(z[0], num(0), num(1));
       for (std::size_t i = 0; i < 2; ++i) {
         t = t + normal(z[1 + i], z[0], num(1));
         for (std::size_t j = 0; j < 3; ++j) {
           const Dual& b = z[3 + 3 * i + j];
           t = t + normal(b, z[1 + i], num(2)) + normal(num(static_cast<double>(3 * i + j + 1)), b, num(0.5));
         }
       }
       return t;
     }},
    {"ragged inner ranges",
     "model m(first, last, y) { s ~ Gamma(1, 1)\n for i in 1:3 { a[i] ~ Normal(0, 1)\n let c = 2 * a[i]\n"
     "for k in first[i]:last[i] { y[k] ~ Normal(c + 0.1 * i, s) } } }\n"
     "m([1, 3, 4], [2, 3, 6], [1.0, 2, 3, 4, 5, 6])",
     [](const Latents& z) {
       const std::size_t group[] = {0, 0, 1, 2, 2, 2};
       Dual t = gamma11(z[0]);
       for (std::size_t i = 0; i < 3; ++i) t = t + normal(z[1 + i], num(0), num(1));
       for (std::size_t k = 0; k < 6; ++k) {
         const Dual c = num(2) * z[1 + group[k]] + num(0.1 * static_cast<double>(group[k] + 1));
         t = t + normal(num(static_cast<double>(k + 1)), c, z[0]);
       }
       return t;
     }},
    {"disjoint index sets in any order, two lags",
     "model m() { z[2] ~ Normal(1, 1)\n z[1] ~ Normal(0, 2)\n for t in 3:6 { z[t] ~ Normal(z[t - 1] - 0.5 * "
     "z[t - 2], 1) } }\n m()",
     [](const Latents& z) {
       Dual t = normal(z[1], num(1), num(1)) + normal(z[0], num(0), num(2));
       for (std::size_t i = 2; i < 6; ++i) t = t + normal(z[i], z[i - 1] - num(0.5) * z[i - 2], num(1));
       return t;
     }},
    {"a value carried through the loop",
     "model m(x, y) { a ~ Normal(0, 1)\n r ~ Gamma(1, 1)\n let acc = 0\n for t in 1:4 { acc = a * acc + "
     "x[t]\n"
     "y[t] ~ Normal(acc, r) }\n factor -acc^2 }\n m([0.5, -1, 2, 0.1], [1.0, 2, 3, 4])",
     [](const Latents& z) {
       const double x[] = {0.5, -1, 2, 0.1};
       Dual t = normal(z[0], num(0), num(1)) + gamma11(z[1]), acc = num(0);
       for (int i = 0; i < 4; ++i) {
         acc = z[0] * acc + num(x[i]);
         t = t + normal(num(i + 1), acc, z[1]);
       }
       return t - acc * acc;
     }},
    {"GARCH(1, 1)",
     "model m(y) { mu ~ Normal(0, 1)\n w ~ Gamma(1, 1)\n a ~ Uniform(0, 1)\n b ~ Uniform(0, 1)\n let v[1] = "
     "1\n"
     "for t in 2:5 { let v[t] = w + a * (y[t - 1] - mu)^2 + b * v[t - 1] }\n"
     "for t in 1:5 { y[t] ~ Normal(mu, sqrt(v[t])) } }\n m([0.1, 0.4, -0.3, 0.9, 1.2])",
     [](const Latents& z) {
       const double y[] = {0.1, 0.4, -0.3, 0.9, 1.2};
       Dual v = num(1), t = normal(z[0], num(0), num(1)) + gamma11(z[1]);
       for (int i = 0; i < 5; ++i) {
         if (i > 0) {
           const Dual e = num(y[i - 1]) - z[0];
           v = z[1] + z[2] * e * e + z[3] * v;
         }
         t = t + normal(num(y[i]), z[0], sqrt(v));
       }
       return t;
     }},
    {"a recurrence with two lags in a nested loop",
     "model m(y) { a ~ Normal(0, 1)\n for j in 1:2 { let s[j, 1] = 0.1 * j\n let s[j, 2] = a\n"
     "for t in 3:5 { let s[j, t] = a * s[j, t - 1] + 0.3 * s[j, t - 2] + y[j, t] }\n"
     "for t in 1:5 { y[j, t] ~ Normal(s[j, t], 1) } } }\n m([[0.1, 0.4, -0.3, 0.9, 1.2], [1.1, 0.2, 0.3, "
     "-0.9, 0.2]])",
     [](const Latents& z) {
       const double y[2][5] = {{0.1, 0.4, -0.3, 0.9, 1.2}, {1.1, 0.2, 0.3, -0.9, 0.2}};
       Dual t = normal(z[0], num(0), num(1));
       for (int j = 0; j < 2; ++j) {
         Dual s[5] = {num(0.1 * (j + 1)), z[0], {}, {}, {}};
         for (int i = 2; i < 5; ++i) s[i] = z[0] * s[i - 1] + num(0.3) * s[i - 2] + num(y[j][i]);
         for (int i = 0; i < 5; ++i) t = t + normal(num(y[j][i]), s[i], num(1));
       }
       return t;
     }},
    {"statements chosen by data",
     "model m(kind, y) { a ~ Normal(0, 1)\n b ~ Gamma(1, 1)\n for n in 1:4 { let c = a * n\n"
     "if kind[n] == 1 { y[n] ~ Normal(c, b) } else { y[n] ~ Normal(-a, 2) } } }\n m([1, 2, 1, 2], [1.0, 2, "
     "3, 4])",
     [](const Latents& z) {
       Dual t = normal(z[0], num(0), num(1)) + gamma11(z[1]);
       for (int n = 1; n <= 4; ++n)
         t = t + (n % 2 == 1 ? normal(num(n), z[0] * num(n), z[1]) : normal(num(n), num(0) - z[0], num(2)));
       return t;
     }},
    {"values chosen by data, with an index that the other side could not have",
     "model m(y) { a ~ Normal(0, 1)\n for t in 1:4 { let before = if t > 1 { y[t - 1] } else { a }\n"
     "y[t] ~ Normal(a * before, 1) } }\n m([0.5, -1, 2, 0.1])",
     [](const Latents& z) {
       const double y[] = {0.5, -1, 2, 0.1};
       Dual t = normal(z[0], num(0), num(1));
       for (int i = 0; i < 4; ++i) t = t + normal(num(y[i]), z[0] * (i > 0 ? num(y[i - 1]) : z[0]), num(1));
       return t;
     }},
    {"two chains that depend on each other",
     "model m(y) { a[1] ~ Normal(0, 1)\n b[1] ~ Normal(a[1], 1)\n for t in 2:4 { a[t] ~ Normal(b[t - 1], 1)\n"
     "b[t] ~ Normal(a[t] + a[t - 1], 2)\n y[t] ~ Normal(a[t] * b[t], 1) } }\n m([0.5, -1, 2, 0.1])",
     [](const Latents& z) {
       const double y[] = {0.5, -1, 2, 0.1};
       const auto a = [&](std::size_t i) { return z[i]; };
       const auto b = [&](std::size_t i) { return z[4 + i]; };
       Dual t = normal(a(0), num(0), num(1)) + normal(b(0), a(0), num(1));
       for (std::size_t i = 1; i < 4; ++i)
         t = t + normal(a(i), b(i - 1), num(1)) + normal(b(i), a(i) + a(i - 1), num(2)) +
             normal(num(y[i]), a(i) * b(i), num(1));
       return t;
     }},
    {"item response: two index arrays",
     "model m(person, item, y) { for i in 1:2 { ability[i] ~ Normal(0, 1) }\n for j in 1:3 { slope[j] ~ "
     "Gamma(1, 1)\n"
     "level[j] ~ Normal(0, 2) }\n for n in 1:5 {\n"
     "y[n] ~ Bernoulli(1 / (1 + exp(-slope[item[n]] * (ability[person[n]] - level[item[n]])))) } }\n"
     "m([1, 1, 1, 2, 2], [1, 2, 3, 1, 3], [1, 0, 1, 1, 0])",
     [](const Latents& z) {
       const std::size_t person[] = {0, 0, 0, 1, 1}, item[] = {0, 1, 2, 0, 2};
       const double y[] = {1, 0, 1, 1, 0};
       Dual t = num(0);
       for (std::size_t i = 0; i < 2; ++i) t = t + normal(z[i], num(0), num(1));
       for (std::size_t j = 0; j < 3; ++j) t = t + gamma11(z[2 + j]) + normal(z[5 + j], num(0), num(2));
       for (std::size_t n = 0; n < 5; ++n) {
         const Dual p = num(1) / (num(1) + exp(num(0) - z[2 + item[n]] * (z[person[n]] - z[5 + item[n]])));
         t = t + (y[n] == 1 ? log(p) : log(num(1) - p));
       }
       return t;
     }},
    {"models inside a model, alone and in a loop",
     "model sub(s) { w ~ Normal(0, s)\n v ~ Normal(w, 1)\n return w * v }\n"
     "model lik(m, y) { e ~ Normal(m, 1)\n y ~ Normal(e, 2) }\n"
     "model m(x) { a ~ sub(2)\n for n in 1:2 { b[n] ~ sub(n)\n c[n] ~ lik(b[n] + a.w, x[n]) }\n"
     "factor a + b[1] * b.w[2] }\n m([0.3, -0.4])",
     [](const Latents& z) {
       const double x[] = {0.3, -0.4};
       // a.w, a.v, b.w, b.v, c.e
       Dual t = normal(z[0], num(0), num(2)) + normal(z[1], z[0], num(1));
       for (std::size_t n = 0; n < 2; ++n) {
         const Dual &w = z[2 + n], &v = z[4 + n], &e = z[6 + n];
         t = t + normal(w, num(0), num(static_cast<double>(n + 1))) + normal(v, w, num(1)) +
             normal(e, w * v + z[0], num(1)) + normal(num(x[n]), e, num(2));
       }
       return t + z[0] * z[1] + z[2] * z[4] * z[3];
     }},
    {"missing entries of a vector are latent",
     "model m(y) { mu ~ Normal(0, 1)\n y ~ Normal(mu, 2) }\n m([0.5, missing, 2, missing])",
     [](const Latents& z) {
       return normal(z[0], num(0), num(1)) + normal(num(0.5), z[0], num(2)) + normal(num(2), z[0], num(2)) +
              normal(z[1], z[0], num(2)) + normal(z[2], z[0], num(2));
     }},
    {"missing entries of an autoregression are latent where they are read, too",
     "model m(y) { a ~ Normal(0, 1)\n for t in 2:5 { y[t] ~ Normal(a * y[t - 1] + 0.1 * t, 0.5 * t) } }\n"
     "m([0.5, missing, 2, 1.5, missing])",
     [](const Latents& z) {
       const Dual y[] = {num(0.5), z[1], num(2), num(1.5), z[2]};
       Dual t = normal(z[0], num(0), num(1));
       for (int i = 2; i <= 5; ++i) t = t + normal(y[i - 1], z[0] * y[i - 2] + num(0.1 * i), num(0.5 * i));
       return t;
     }},
    {"a vector per index, chosen elementwise by a random value",
     "model m(y) { a ~ Normal(0, 1)\n for n in 1:2 { z[n] ~ Normal(a, 1, size = 2)\n"
     "let c = if z[n] > 0 { z[n] } else { 2 * z[n] }\n y[n] ~ Normal(c @ [1, 1], 1) } }\n m([0.5, -1])",
     [](const Latents& z) {
       const double y[] = {0.5, -1};
       Dual t = normal(z[0], num(0), num(1));
       for (std::size_t n = 0; n < 2; ++n) {
         Dual sum = num(0);
         for (std::size_t k = 0; k < 2; ++k) {
           const Dual& v = z[1 + 2 * n + k];
           t = t + normal(v, z[0], num(1));
           sum = sum + (v.v > 0 ? v : num(2) * v);
         }
         t = t + normal(num(y[n]), sum, num(1));
       }
       return t;
     }},
};

}  // namespace

TEST_CASE("models with loops have the log density and gradient of a plain evaluation", "[plates]") {
  for (const Case& c : cases) {
    INFO(c.name);
    Session session;
    const auto model = session.model(c.script);
    // positive values, within the unit interval, so that every support is met
    std::size_t count = 0;
    std::unordered_map<NodeId, Expr> at;
    std::vector<Expr> inputs;
    for (const RandomVariable& v : model->variables) {
      if (v.observed) continue;
      const Shape& shape = v.value.type().event;
      std::vector<double> values;
      for (std::int64_t i = 0; i < element_count(shape); ++i) {
        values.push_back(0.2 + 0.6 * std::abs(std::sin(1.7 * static_cast<double>(++count))));
      }
      inputs.push_back(v.value);
      at[v.value.id()] = model->graph->constant(Tensor(shape, std::move(values)));
    }
    Latents latents;
    for (std::size_t i = 0; i < count; ++i) {
      latents.push_back(
          {0.2 + 0.6 * std::abs(std::sin(1.7 * static_cast<double>(i + 1))), std::vector<double>(count)});
      latents.back().d[i] = 1;
    }
    const Dual expected = c.log_density(latents);
    const Expr total = log_joint(*model);
    std::vector<Expr> roots = gradient(total, inputs);
    roots.insert(roots.begin(), total);
    const std::vector<Tensor> values = evaluate(substitute(roots, at));
    CHECK(values[0].real(0) == Approx(expected.v).epsilon(1e-12));
    std::size_t next = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
      for (std::int64_t k = 0; k < values[i].size(); ++k, ++next) {
        INFO("derivative " << next);
        CHECK(values[i].real(k) == Approx(expected.d.at(next)).epsilon(1e-12).margin(1e-12));
      }
    }
    CHECK(next == count);
  }
}

TEST_CASE("a loop costs as many nodes for a hundred data points as for a thousand", "[plates]") {
  const auto nodes = [](int n) {
    Session session;
    const auto model = session.model(
        "model m(N, x, y) { a ~ Normal(0, 1)\n let acc = 0\n z[1] ~ Normal(0, 1)\n"
        "for t in 2:N { z[t] ~ Normal(a * z[t - 1], 1)\n acc = 0.5 * acc + x[t]\n"
        "let w = z[t] + acc\n y[t] ~ Normal(acc, 1) } }\n let N = " +
        std::to_string(n) + "\n m(N, [0.1 * i for i in 1:N], [0.2 * i for i in 1:N])");
    const Expr total = log_joint(*model);
    return topological_order(*model->graph, std::span(&total, 1)).size();
  };
  CHECK(nodes(100) == nodes(1000));
}
