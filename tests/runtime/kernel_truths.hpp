// What the special functions of the kernels should give, in 50-digit arithmetic, and where to look: for the
// tests of accuracy and for the table of tests/benchmark/kernels.
#pragma once

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <string>
#include <vector>

#include "runtime/kernels/kernels.hpp"

namespace elbo::test {

using Wide = boost::multiprecision::cpp_bin_float_50;

/// A kernel on a range, or beside a place where accuracy is hard to keep.
struct AccuracyCase {
  std::string kernel;  ///< its name in the table
  std::string range;   ///< in words
  runtime::ElementwiseKernel runtime::KernelTable::*member;
  Wide (*truth)(const std::vector<double>& x);
  std::vector<std::vector<double>> points;  ///< each with as many numbers as the kernel has inputs
  double units;                             ///< in the last place that the error may have, over the condition
  /// By how much the function magnifies a relative change of its last input; null: not by much.
  double (*condition)(const std::vector<double>& x) = nullptr;
};

/// Every case. 4 units are what the C library promises itself; 45 are a relative error of 1e-14.
std::vector<AccuracyCase> accuracy_cases();

/// |value - truth| in units in the last place of the truth, over the condition number where that is above 1.
double error_in_units(const AccuracyCase& one, std::size_t i, double value, const Wide& truth);

/// The results of a table at the points of a case, in one row.
std::vector<double> results(const runtime::KernelTable& table, const AccuracyCase& one);

}  // namespace elbo::test
