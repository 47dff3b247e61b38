// Sums by element: nothing at all, a plain sum, or a scatter, as the places allow.
#include "inference/element_sums.hpp"

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// 0, 1, …, until - 1.
bool is_count(const std::vector<std::int64_t>& list, std::int64_t until) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] != static_cast<std::int64_t>(i)) return false;
  }
  return static_cast<std::int64_t>(list.size()) == until;
}

}  // namespace

Expr sum_by_element(Expr list, const std::vector<std::int64_t>& to, std::int64_t elements) {
  std::vector<std::int64_t> from, kept;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] < 0) continue;
    from.push_back(static_cast<std::int64_t>(i));
    kept.push_back(to[i]);
  }
  return sum_by_element(list, std::move(from), std::move(kept), elements);
}

Expr sum_by_element(Expr list, std::vector<std::int64_t> from, std::vector<std::int64_t> to,
                    std::int64_t elements) {
  Graph& graph = list.graph();
  const auto pairs = static_cast<std::int64_t>(from.size());
  const std::int64_t size = list.type().event[0];
  if (!is_count(from, size)) list = gather(list, graph.constant(Tensor({pairs}, std::move(from))), 0);
  if (is_count(to, elements)) return list;
  // Blocks of equal length, one per element in order (rows of a group): a plain sum.
  if (elements > 0 && pairs % elements == 0) {
    const std::int64_t length = pairs / elements;
    bool blocks = true;
    for (std::int64_t i = 0; i < pairs && blocks; ++i) blocks = to[static_cast<std::size_t>(i)] == i / length;
    if (blocks) return sum_dim(reshape(list, {elements, length}), 1);
  }
  return graph.add(scatter_add_operation, {list, graph.constant(Tensor({pairs}, std::move(to)))},
                   {.integers = {0, elements}, .text = {}, .tensor = nullptr});
}

}  // namespace elbo::inference
