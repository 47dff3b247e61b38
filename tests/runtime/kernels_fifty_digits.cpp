// Special functions against 50-digit arithmetic, where long double could be too short a ruler: right beside
// the roots of lgamma and digamma, and over the whole range, with the kernels of every instruction set that
// this machine has.
#include <catch2/catch.hpp>

#include "runtime/kernels/variants.hpp"
#include "tests/runtime/kernel_truths.hpp"

using namespace elbo::runtime;
using namespace elbo::test;

TEST_CASE("special functions are within a few units of 50-digit values in every variant", "[kernels]") {
  for (const AccuracyCase& one : accuracy_cases()) {
    std::vector<Wide> truths;
    for (const auto& point : one.points) truths.push_back(one.truth(point));
    for (const KernelVariant& variant : kernel_variants()) {
      if (!variant.supported()) continue;
      KernelTable real64, real32;
      fill_kernel_tables(variant, real64, real32);
      const std::vector<double> values = results(real64, one);
      double worst = 0;
      std::size_t at = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double error = error_in_units(one, i, values[i], truths[i]);
        if (!(error <= worst)) worst = error, at = i;
      }
      INFO(one.kernel << ", " << one.range << ", " << variant.name << ": " << worst << " units at "
                      << Catch::StringMaker<std::vector<double>>::convert(one.points[at]));
      CHECK(worst <= one.units);
    }
  }
}
