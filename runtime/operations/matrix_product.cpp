// Products of batches of matrices, by Eigen. Many small products that share an operand are one large one,
// which is what loops of a model (`X[n] @ w`) and draws (`X @ w` with an axis of w's) ask for.
#include "runtime/operations/matrix_product.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

namespace {

/// One matrix of a batch: its size and strides, in elements.
struct Layout {
  std::int64_t rows, columns, row_stride, column_stride;
};

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using ColumnMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

// Calls visit with the matrix in whichever storage order Eigen can read as it stands; in neither, with a
// copy.
template <class T, class Visit>
void with_matrix(const T* data, const Layout& m, Visit visit) {
  if (m.column_stride == 1 || m.columns == 1) {
    const std::int64_t stride = m.rows == 1 ? m.columns : m.row_stride;
    visit(Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>>(data, m.rows, m.columns,
                                                                 Eigen::OuterStride<>(stride)));
  } else if (m.row_stride == 1 || m.rows == 1) {
    visit(Eigen::Map<const ColumnMajor<T>, 0, Eigen::OuterStride<>>(data, m.rows, m.columns,
                                                                    Eigen::OuterStride<>(m.column_stride)));
  } else {
    using Both = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
    const RowMajor<T> copy =
        Eigen::Map<const RowMajor<T>, 0, Both>(data, m.rows, m.columns, Both(m.row_stride, m.column_stride));
    visit(copy);
  }
}

template <class T, class Product>
void store(T* data, const Layout& m, const Product& product) {
  if (m.column_stride == 1) {
    Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>>(data, m.rows, m.columns,
                                                     Eigen::OuterStride<>(m.row_stride))
        .noalias() = product;
  } else if (m.row_stride == 1) {
    Eigen::Map<ColumnMajor<T>, 0, Eigen::OuterStride<>>(data, m.rows, m.columns,
                                                        Eigen::OuterStride<>(m.column_stride))
        .noalias() = product;
  } else {
    using Both = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
    Eigen::Map<RowMajor<T>, 0, Both>(data, m.rows, m.columns, Both(m.row_stride, m.column_stride)) = product;
  }
}

// From this many multiplications on, with no side that is short, the kernels of this processor win.
constexpr std::int64_t least_work = 1 << 15, least_side = 4;

bool is_large(const Layout& out, std::int64_t inner) {
  return out.rows >= least_side && out.columns >= least_side && out.rows * out.columns * inner >= least_work;
}

/// As the kernels take it, or nothing: its numbers lie in steps both ways.
std::optional<MatrixOperand> as_operand(const void* data, const Layout& m) {
  if (m.column_stride == 1) return MatrixOperand{data, m.row_stride, false};
  if (m.row_stride == 1) return MatrixOperand{data, m.column_stride, true};
  return std::nullopt;
}

/// Rows of the result that are one piece. Eigen takes eight rows at a time, whatever is left one by one, and
/// a single row by another formula: in eights, with what is left in the last piece, pieces have the bits of
/// the whole (tests/runtime/matrix_products.cpp).
struct Rows {
  std::int64_t first, count;
};
Rows rows_of_piece(std::int64_t rows, const RunContext& context) {
  constexpr std::int64_t together = 8;
  const auto start = [&](std::int64_t piece) {
    return piece == context.pieces ? rows : rows / together * piece / context.pieces * together;
  };
  const std::int64_t first = start(context.piece);
  return {first, start(context.piece + 1) - first};
}

Layout transposed(const Layout& m) { return {m.columns, m.rows, m.column_stride, m.row_stride}; }

/// One side of a product: where its numbers begin, and how they lie.
template <class T>
struct Side {
  T* data;
  Layout layout;
};

/// A piece of out = left right by the kernel of this processor. Whether that can be done.
template <class T>
bool run_large(const RunContext& context, Side<T> out, Side<const T> left, Side<const T> right) {
  if (!is_large(out.layout, left.layout.columns)) return false;
  if (out.layout.column_stride != 1) {  // results by columns are those of the transposed product by rows
    out.layout = transposed(out.layout);
    left.layout = transposed(left.layout);
    right.layout = transposed(right.layout);
    std::swap(left, right);
  }
  if (out.layout.column_stride != 1) return false;
  const Rows rows = rows_of_piece(out.layout.rows, context);
  const auto a = as_operand(left.data + rows.first * left.layout.row_stride, left.layout);
  const auto b = as_operand(right.data, right.layout);
  if (!a || !b) return false;
  if (rows.count > 0) {
    kernels(context.precision)
        .product(out.data + rows.first * out.layout.row_stride, out.layout.row_stride, *a, *b,
                 {rows.count, out.layout.columns, left.layout.columns});
  }
  return true;
}

Layout layout_of(const View& view) {
  const std::size_t a = view.axes;
  return {view.dims[a], view.dims[a + 1], view.strides[a], view.strides[a + 1]};
}

/// The longest axis along which `moving` runs and `resting` does not.
std::optional<std::size_t> own_axis(const View& out, const View& moving, const View& resting) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < out.axes; ++i) {
    if (out.dims[i] < 2 || moving.strides[i] == 0 || resting.strides[i] != 0) continue;
    if (!best || out.dims[i] > out.dims[*best]) best = i;
  }
  return best;
}

}  // namespace

void run_matrix_product(const RunContext& context) {
  const View &out = *context.output, &left = context.inputs[0], &right = context.inputs[1];
  Layout o = layout_of(out), a = layout_of(left), b = layout_of(right);
  std::optional<std::size_t> as_rows, as_columns;
  if (a.rows == 1) as_rows = own_axis(out, left, right);
  if (b.columns == 1) as_columns = own_axis(out, right, left);
  if (as_rows) {
    o.rows = a.rows = out.dims[*as_rows];
    o.row_stride = out.strides[*as_rows];
    a.row_stride = left.strides[*as_rows];
  }
  if (as_columns) {
    o.columns = b.columns = out.dims[*as_columns];
    o.column_stride = out.strides[*as_columns];
    b.column_stride = right.strides[*as_columns];
  }
  StridedTriple loop;
  for (std::size_t i = 0; i < out.axes; ++i) {
    if (i != as_rows && i != as_columns)
      loop.add(out.dims[i], out.strides[i], left.strides[i], right.strides[i]);
  }
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    loop.run([&](std::int64_t to, std::int64_t from_left, std::int64_t from_right) {
      if (run_large<T>(context, {static_cast<T*>(out.data) + to, o},
                       {static_cast<const T*>(left.data) + from_left, a},
                       {static_cast<const T*>(right.data) + from_right, b}))
        return;
      if (context.piece > 0) return;
      with_matrix(static_cast<const T*>(left.data) + from_left, a, [&](const auto& x) {
        with_matrix(static_cast<const T*>(right.data) + from_right, b,
                    [&](const auto& y) { store(static_cast<T*>(out.data) + to, o, x * y); });
      });
    });
  });
}

}  // namespace elbo::runtime
