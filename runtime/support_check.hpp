// Whether numbers that are known lie in a support, and how to say that they do not. Used for parameters of
// distributions, arguments and data of models, and initial values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/support.hpp"
#include "runtime/tensor.hpp"

namespace elbo::runtime {

/// Flat index of the first element of x outside the support (of its first row, for a support of vectors);
/// nothing when all are inside.
std::optional<std::int64_t> first_outside(const SupportKind& kind, const Tensor& x,
                                          const std::vector<Tensor>& bounds = {});

/// Whether x is data, perhaps in another shape, that all lie in a support with known bounds. They are looked
/// at where they are: as part of an expression they would be copied as doubles first. False where this does
/// not show it.
bool surely_inside(const SupportKind& kind, Expr x, std::span<const Expr> bounds);

/// "positive", "between 0 and 1", "greater than or equal to 2": what a value must be.
std::string requirement(const SupportKind& kind, const std::vector<Tensor>& bounds = {});

/// "x[2, 3]" for a flat index into a shape; just "x" for a scalar.
std::string element_name(const std::string& name, const Shape& shape, std::int64_t index);

/// "sd of Normal must be positive, but is -1", or "…, but sd[3] is -1": subject "sd of Normal", name "sd".
std::string outside_message(const std::string& subject, const std::string& name, const SupportKind& kind,
                            const Tensor& x, std::int64_t index, const std::vector<Tensor>& bounds = {});

/// "2 is not below 1" for bounds between which nothing lies; empty when all is well, or when the kind has not
/// two.
std::string empty_interval(const SupportKind& kind, const std::vector<Tensor>& bounds);

/// The values of bounds that are known when the graph is built; nothing when one depends on an input.
std::optional<std::vector<Tensor>> constant_bounds(const Support& support);

}  // namespace elbo::runtime
