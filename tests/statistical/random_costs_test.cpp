// Rao-Blackwell costs of random small models against brute force: scalars, plates, nested plates, vectors,
// index maps, sums, neighbours, chains in the model; guides with independent variables or some given others.
#include <catch2/catch.hpp>
#include <random>

#include "costs.hpp"
#include "problem.hpp"

namespace {

struct Variable {
  std::string name;
  int size = 0;  // 0: a number
};

class RandomModel {
 public:
  explicit RandomModel(unsigned seed) : random_(seed) {}

  std::string script() {
    std::string model, guide;
    std::vector<Variable> latents;
    const int count = between(2, 4);
    for (int i = 0; i < count; ++i) {
      const Variable v{std::string(1, static_cast<char>('a' + i)), between(0, 2) == 0 ? 0 : between(2, 4)};
      model += in_model(v, latents);
      guide += in_guide(v, latents);
      latents.push_back(v);
    }
    std::string parameters, arguments;
    for (int i = 0; i < between(1, 2); ++i) {
      const Variable y{"y" + std::to_string(i + 1), between(2, 5)};
      model += loop(y, "Normal(" + mean(latents, y.size) + ", 1)");
      parameters += (i ? ", " : "") + y.name;
      arguments += (i ? ", " : "") + numbers(y.size);
    }
    if (between(0, 2) == 0) model += "  factor -0.1 * (" + scalar_of(pick(latents)) + ")^2\n";
    return "model m(" + parameters + ") {\n" + model + "}\nguide q {\n" + guide + "}\nlet posterior = m(" +
           arguments + ")\n";
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  const Variable& pick(const std::vector<Variable>& from) {
    return from[static_cast<std::size_t>(between(0, static_cast<int>(from.size()) - 1))];
  }

  std::string numbers(int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += (i ? ", 0." : "0.") + std::to_string(between(1, 9));
    return "[" + text + "]";
  }

  std::string indices(int size, int most) {
    std::string text;
    for (int i = 0; i < size; ++i) text += (i ? ", " : "") + std::to_string(between(1, most));
    return "[" + text + "]";
  }

  std::string scalar_of(const Variable& v) {
    if (v.size == 0) return v.name;
    if (between(0, 1) == 0) return "sum(" + v.name + ")";
    return v.name + "[" + std::to_string(between(1, v.size)) + "]";
  }

  /// For turn i of so many (0: outside a loop).
  std::string reference(const Variable& v, int turns) {
    if (turns == 0 || v.size == 0) return scalar_of(v);
    if (v.size == turns && between(0, 1) == 0) return v.name + "[i]";
    if (between(0, 3) == 0) return scalar_of(v);
    return v.name + "[" + indices(turns, v.size) + "[i]]";
  }

  std::string mean(const std::vector<Variable>& before, int turns) {
    if (before.empty()) return "0.1";
    std::string text = "0.3 * " + reference(pick(before), turns);
    if (between(0, 1) == 0) text += " + 0.2 * " + reference(pick(before), turns);
    if (between(0, 3) == 0) text = "tanh(" + text + ") * " + reference(pick(before), turns);
    return text;
  }

  std::string loop(const Variable& v, const std::string& distribution) {
    return "  for i in 1:" + std::to_string(v.size) + " { " + v.name + "[i] ~ " + distribution + " }\n";
  }

  std::string in_model(const Variable& v, const std::vector<Variable>& before) {
    if (v.size == 0) return "  " + v.name + " ~ Normal(" + mean(before, 0) + ", 1)\n";
    const int form = between(0, 3);
    if (form == 0) {
      return "  " + v.name + " ~ Normal(" + mean(before, 0) + ", 1, size = " + std::to_string(v.size) + ")\n";
    }
    if (form == 1) {
      return "  " + v.name + "[1] ~ Normal(" + mean(before, 0) +
             ", 1)\n  for i in 2:" + std::to_string(v.size) + " { " + v.name + "[i] ~ Normal(" + v.name +
             "[i - 1], 0.5) }\n";
    }
    return loop(v, "Normal(" + mean(before, v.size) + ", 1)");
  }

  std::string in_guide(const Variable& v, const std::vector<Variable>& before) {
    const bool is_given = !before.empty() && between(0, 1) == 0;
    const auto centre = [&](int turns) {
      return (is_given ? mean(before, turns) : std::string("0")) + " + m_" + v.name;
    };
    const std::string parameter = "  param m_" + v.name;
    if (v.size == 0) return parameter + " = 0.2\n  " + v.name + " ~ Normal(" + centre(0) + ", 1)\n";
    const int form = between(0, 2);
    if (form == 0) return parameter + " = 0.2\n" + loop(v, "Normal(" + centre(v.size) + ", 1)");
    if (form == 1) {
      return "  for i in 1:" + std::to_string(v.size) + " {\n    param m_" + v.name + "[i] = 0.1\n    " +
             v.name + "[i] ~ Normal(" + centre(v.size) + "[i], 1)\n  }\n";
    }
    return parameter + " = " + numbers(v.size) + "\n  " + v.name + " ~ Normal(" + centre(0) + ", 1)\n";
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("costs of random models are those that each element changes") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    const std::string script = RandomModel(seed).script();
    INFO(seed << "\n" << script);
    const elbo::tests::ScriptProblem p(script);
    REQUIRE(p.message() == "");
    elbo::tests::check_costs(p.problem);
  }
}
