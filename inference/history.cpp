// What is kept of a run, step by step.
#include "inference/history.hpp"

#include <algorithm>

namespace elbo::inference {

Series::Series(std::string name, runtime::Shape shape, std::int64_t steps)
    : name_(std::move(name)), shape_(std::move(shape)) {
  values_.reserve(static_cast<std::size_t>(runtime::element_count(shape_) * steps));
}

void Series::append(std::span<const double> value) {
  values_.insert(values_.end(), value.begin(), value.end());
  ++length_;
}

void Series::append_all(const Series& other) {
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  length_ += other.length_;
}

void Series::cut(std::int64_t length) {
  if (length >= length_) return;
  length_ = length;
  values_.resize(static_cast<std::size_t>(length * runtime::element_count(shape_)));
}

void History::cut(std::int64_t t) {
  elbo.resize(std::min(elbo.size(), static_cast<std::size_t>(t)));
  for (Series& series : gradients) series.cut(t);
  for (Series& series : trace) series.cut(t - 1);
}

runtime::Tensor Series::tensor() const {
  runtime::Shape shape{length_};
  shape.insert(shape.end(), shape_.begin(), shape_.end());
  return runtime::Tensor(std::move(shape), values_);
}

}  // namespace elbo::inference
