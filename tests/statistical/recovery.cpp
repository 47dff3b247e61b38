// Scripts for every distribution, written from its record, and what their fits say.
#include "recovery.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "cli/distribution_facts.hpp"
#include "cli/distribution_page.hpp"
#include "cli/library.hpp"

namespace elbo::tests {

using runtime::Distribution;
using test::Numbers;

Numbers numbers_of(const std::string& script, const std::string& name) {
  static const runtime::Library library = cli::make_library();
  std::istringstream in(cli::output_of(script, name, library));
  Numbers result;
  for (std::string word; in >> word;) result.push_back(std::stod(word));
  return result;
}

std::string exactly(double x) {
  std::ostringstream text;
  text.precision(17);
  text << x;
  return text.str();
}

namespace {

/// How far a fit has to go: parameters start at 0, scales at 1, probabilities at a half. Special cases count
/// as far: few trials, and a third parameter (of a shape, after location and scale) that is 0.
double distance_from_start(const Distribution& distribution, const cli::TestPoint& point) {
  double most = 0, special = 0;
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    const runtime::SupportKind& support = *distribution.parameters[i].support;
    for (const double x : point.values[i].reals()) {
      if (support.discrete) special += 10 / x;
      if (support.discrete) continue;
      if (i > 1 && x == 0) special += 5;
      const bool positive = support.name == "positive" || support.name == "nonnegative";
      const double at = positive ? std::log(x) : support.name == "unit_interval" ? std::log(x / (1 - x)) : x;
      most = std::max(most, std::abs(at));
    }
  }
  return std::isnan(most) ? HUGE_VAL : most + special;
}

}  // namespace

std::size_t nearest_point(const Distribution& distribution) {
  std::vector<double> distances;
  for (const cli::TestPoint& point : cli::test_points(distribution))
    distances.push_back(distance_from_start(distribution, point));
  return static_cast<std::size_t>(std::min_element(distances.begin(), distances.end()) - distances.begin());
}

namespace {

std::string literal(const runtime::Tensor& value) {
  std::string text;
  for (std::int64_t i = 0; i < value.size(); ++i) text += (i > 0 ? ", " : "") + exactly(value.real(i));
  return value.rank() == 0 ? text : "[" + text + "]";
}

std::string arguments(const cli::TestPoint& point) {
  std::string text;
  for (const runtime::Tensor& value : point.values) text += (text.empty() ? "" : ", ") + literal(value);
  return text;
}

/// Whether a parameter is an end of the support: 1 the lower one, 2 the upper one, 0 neither.
int end_of_support(const Distribution& distribution, std::size_t parameter, const cli::TestPoint& point) {
  runtime::Graph graph;
  std::vector<runtime::Expr> inputs;
  for (const runtime::Tensor& value : point.values)
    inputs.push_back(graph.input("p", {.axes = {}, .event = value.shape()}));
  const runtime::Support support = distribution.support(inputs);
  if (support.kind->discrete) return 0;
  for (std::size_t i = 0; i < support.bounds.size(); ++i) {
    if (support.bounds[i] != inputs[parameter]) continue;
    return support.kind->hull.least_bound == static_cast<int>(i) ? 1 : 2;
  }
  return 0;
}

/// A prior that says little, on the parameter's support.
std::string weak_prior(const runtime::DistributionParameter& parameter, const runtime::Tensor& truth,
                       int end) {
  const std::string size = truth.rank() == 0 ? "" : std::to_string(truth.size());
  const std::string copies = size.empty() ? "" : ", size = " + size;
  const bool positive = parameter.support->hull.least >= 0;
  if (end == 1)
    return (positive ? " : interval(0, min(x))" : " : upper(min(x))") + std::string(" ~ Normal(0, 100)");
  if (end == 2) return " : lower(max(x)) ~ Normal(0, 100)";
  if (parameter.support->event_rank > 0) {
    if (parameter.support->name == "simplex") return " ~ Dirichlet(ones(" + size + "))";
    return " : " + std::string(parameter.support->name) + "[" + size + "] ~ Normal(0, 10)";
  }
  if (parameter.support->name == "real") return " ~ Normal(0, 10" + copies + ")";
  if (parameter.support->name == "unit_interval") return " ~ Beta(1, 1" + copies + ")";
  return " ~ LogNormal(0, 2" + copies + ")";
}

void append(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

/// Pieces of the script of a recovery.
struct Unknowns {
  std::string priors;          ///< statements, one per parameter to be estimated
  std::string arguments;       ///< of the distribution
  std::string means, sds;      ///< vectors of the fit's moments
  std::string smooth, widths;  ///< the same of those that are no ends of the support
  std::string fields;          ///< the record of latent variables, with `smooth` as the vector v
  std::int64_t smooth_count = 0;
  std::vector<Recovered> list;
};

void add_unknown(Unknowns& unknowns, const std::string& name, const runtime::DistributionParameter& parameter,
                 const runtime::Tensor& truth, int end) {
  // the last probability of a simplex follows from the others
  const bool is_simplex = parameter.support->name == "simplex", is_vector = truth.rank() > 0;
  const std::int64_t count = truth.size() - (is_simplex ? 1 : 0);
  const std::string part = is_simplex ? "[1:" + std::to_string(count) + "]" : "";
  const auto as_vector = [&](const std::string& value) {
    return is_vector ? value + part : "[" + value + "]";
  };
  const std::string mean = as_vector("fit.mean." + name);
  unknowns.priors += "  " + name + weak_prior(parameter, truth, end) + "\n";
  append(unknowns.means, mean);
  append(unknowns.sds, as_vector("fit.sd." + name));
  if (end != 0) {
    append(unknowns.fields, name + ": fit.mean." + name);
  } else {
    const std::string first = std::to_string(unknowns.smooth_count + 1);
    unknowns.smooth_count += count;
    const std::string slice =
        "v[" + first + (is_vector ? ":" + std::to_string(unknowns.smooth_count) : "") + "]";
    append(unknowns.fields,
           name + ": " + (is_simplex ? "concat(" + slice + ", [1 - sum(" + slice + ")])" : slice));
    append(unknowns.smooth, mean);
    append(unknowns.widths, as_vector("fit.sd." + name));
  }
  for (std::int64_t i = 0; i < count; ++i) {
    // The distance from an end to the farthest draw is exponential, of which 1 in 60,000 exceeds 11 of its
    // means; other posteriors are near a normal, of which 1 in 150,000 exceeds 4.5.
    unknowns.list.push_back({.name = parameter.name,
                             .truth = truth.real(i),
                             .mean = 0,
                             .sd = 0,
                             .limit = end != 0 ? 10 : 4.5,
                             .is_end = end != 0});
  }
}

Unknowns unknowns_of(const Distribution& distribution, const cli::TestPoint& point, double distortion) {
  Unknowns result;
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    const auto& parameter = distribution.parameters[i];
    const bool is_last = i + 1 == point.values.size();
    const std::string name = "a" + std::to_string(i + 1);
    if (parameter.support->discrete) {
      append(result.arguments, literal(point.values[i]));
      continue;
    }
    append(result.arguments, is_last && distortion != 1 ? exactly(distortion) + " * " + name : name);
    add_unknown(result, name, parameter, point.values[i], end_of_support(distribution, i, point));
  }
  return result;
}

}  // namespace

std::vector<Recovered> recover(const Distribution& distribution, double distortion) {
  const std::vector<cli::TestPoint> points = cli::test_points(distribution);
  if (points.empty()) return {};
  const cli::TestPoint& point = points[nearest_point(distribution)];
  Unknowns unknown = unknowns_of(distribution, point, distortion);
  if (unknown.list.empty()) return {};
  const bool is_vector = distribution.event_rank > 0;
  std::string script =
      "let x = sample(" + distribution.name + "(" + arguments(point) + "), 2000, seed = 2)\nmodel m(x) {\n" +
      unknown.priors + (is_vector ? "  for n in 1:2000 { x[n] ~ " : "  x ~ ") + distribution.name + "(" +
      unknown.arguments + ")" + (is_vector ? " }" : "") + "\n}\n" +
      "let fit = infer(m(x), bbvi(), optimizer = adam(cosine(0.1)), steps = 2500, seed = 2)\n" +
      "let means = concat(" + unknown.means + ")\nlet sds = concat(" + unknown.sds + ")\n" +
      "for i in 1:length(means) { print(\"{:.17g} {:.17g}\", means[i], sds[i]) }\n";
  if (unknown.smooth_count > 0) {
    // The curvature of the log density there gives the standard deviations that a mean-field guide cannot.
    script +=
        "let centre = concat(" + unknown.smooth + ")\nlet K = length(centre)\n" +
        "fn f(v) = log_density(m(x), {" + unknown.fields + "})\nfn g(v) = gradient(f, v)\n" +
        "let width = concat(" + unknown.widths + ")\nfn step(i) = width[i] * one_hot(i, K)\n" +
        "let H = [(g(centre + step(i)) - g(centre - step(i))) / (2 * width[i]) for i in 1:K]\n" +
        "let V = diag(inverse(-(H + transpose(H)) / 2))\nfor i in 1:K { print(\"{:.17g}\", sqrt(V[i])) }\n";
  }
  const Numbers printed = numbers_of(script, distribution.name);
  std::size_t next = 2 * unknown.list.size();
  for (std::size_t i = 0; i < unknown.list.size(); ++i) {
    unknown.list[i].mean = printed.at(2 * i);
    unknown.list[i].sd = unknown.list[i].is_end ? printed.at(2 * i + 1) : printed.at(next++);
  }
  return unknown.list;
}

}  // namespace elbo::tests
