// Products of a block of rows with a few columns, and of the block's transpose with as many: a linear
// predictor and its gradient, for which the block comes from memory once and from the cache the second time.
// In vectors of the machine's width, since compilers make little of these loops by themselves; which
// numbers are added to which, and in which order, does not depend on that width.
#pragma once

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {
namespace {

#if defined(__AVX512F__)
constexpr int machine_vector = 64;
#elif defined(__AVX__)
constexpr int machine_vector = 32;
#else
constexpr int machine_vector = 16;
#endif

template <class T, int count>
struct VectorOf {
  typedef T Type __attribute__((vector_size(count * sizeof(T))));
  typedef T Anywhere __attribute__((vector_size(count * sizeof(T)), aligned(sizeof(T)), may_alias));
};

/// `bytes` of numbers (32 or 64) in one or several vectors.
template <class T, int bytes>
struct Wide {
  static constexpr int lanes = bytes / static_cast<int>(sizeof(T));
  static constexpr int parts = bytes > machine_vector ? bytes / machine_vector : 1;
  static constexpr int in_part = lanes / parts;
  using Vector = typename VectorOf<T, in_part>::Type;
  using Anywhere = typename VectorOf<T, in_part>::Anywhere;
  Vector part[parts];

  static Wide load(const T* from) {
    Wide wide;
    for (int p = 0; p < parts; ++p) wide.part[p] = *reinterpret_cast<const Anywhere*>(from + p * in_part);
    return wide;
  }
  void store(T* to) const {
    for (int p = 0; p < parts; ++p) *reinterpret_cast<Anywhere*>(to + p * in_part) = part[p];
  }
  void add_product(const Wide& a, const Wide& b) {
    for (int p = 0; p < parts; ++p) part[p] += a.part[p] * b.part[p];
  }
  void add_product(const Wide& a, T b) {
    for (int p = 0; p < parts; ++p) part[p] += a.part[p] * b;
  }
};

/// The numbers of a vector, added in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
template <class T, int count, class Vector>
inline T sum_in_halves(const Vector& v) {
  if constexpr (count == 2) {
    return v[0] + v[1];
  } else {
    using Half = typename VectorOf<T, count / 2>::Type;
    Half low, high;
    if constexpr (count == 4) {
      low = __builtin_shufflevector(v, v, 0, 1);
      high = __builtin_shufflevector(v, v, 2, 3);
    } else if constexpr (count == 8) {
      low = __builtin_shufflevector(v, v, 0, 1, 2, 3);
      high = __builtin_shufflevector(v, v, 4, 5, 6, 7);
    } else {
      low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
      high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    }
    const Half both = low + high;
    return sum_in_halves<T, count / 2>(both);
  }
}

template <class T>
using Line = Wide<T, 64>;

template <class T>
inline T sum_of(const Line<T>& line) {
  if constexpr (Line<T>::parts == 1) {
    return sum_in_halves<T, Line<T>::in_part>(line.part[0]);
  } else if constexpr (Line<T>::parts == 2) {
    const auto both = line.part[0] + line.part[1];
    return sum_in_halves<T, Line<T>::in_part>(both);
  } else {
    const auto all = (line.part[0] + line.part[2]) + (line.part[1] + line.part[3]);
    return sum_in_halves<T, Line<T>::in_part>(all);
  }
}

// ---- rows times columns
// --------------------------------------------------------------------------------------------

/// Row times column: entry k belongs to partial sum k mod 64 bytes, and those behind the last whole 64 bytes
/// are added one by one.
template <class T>
inline T dot(const T* row, const T* column, std::int64_t width) {
  constexpr int lanes = Line<T>::lanes;
  Line<T> total = {};
  std::int64_t k = 0;
  for (; k + lanes <= width; k += lanes) total.add_product(Line<T>::load(row + k), Line<T>::load(column + k));
  T rest = 0;
  for (; k < width; ++k) rest += row[k] * column[k];
  return sum_of(total) + rest;
}

/// The same for four rows. Names in place of an array, which g++ would keep in memory.
template <class T>
inline void dot_four(T* out, const T* row, std::int64_t stride, const T* column, std::int64_t width) {
  constexpr int lanes = Line<T>::lanes;
  const T *row1 = row + stride, *row2 = row1 + stride, *row3 = row2 + stride;
  Line<T> a = {}, b = {}, c = {}, d = {};
  std::int64_t k = 0;
  for (; k + lanes <= width; k += lanes) {
    const Line<T> factor = Line<T>::load(column + k);
    a.add_product(Line<T>::load(row + k), factor);
    b.add_product(Line<T>::load(row1 + k), factor);
    c.add_product(Line<T>::load(row2 + k), factor);
    d.add_product(Line<T>::load(row3 + k), factor);
  }
  T rest[4] = {};
  for (; k < width; ++k) {
    rest[0] += row[k] * column[k];
    rest[1] += row1[k] * column[k];
    rest[2] += row2[k] * column[k];
    rest[3] += row3[k] * column[k];
  }
  out[0] = sum_of(a) + rest[0];
  out[1] = sum_of(b) + rest[1];
  out[2] = sum_of(c) + rest[2];
  out[3] = sum_of(d) + rest[3];
}

template <class T>
using Panel = Wide<T, product_panel_bytes>;

/// One row times the columns of a panel, k after k.
template <class T>
inline void panel_one(T* out, std::int64_t step, const T* row, const T* panel, std::int64_t width) {
  constexpr int lanes = Panel<T>::lanes;
  Panel<T> total = {};
  for (std::int64_t k = 0; k < width; ++k) total.add_product(Panel<T>::load(panel + k * lanes), row[k]);
  T values[lanes];
  total.store(values);
  for (int c = 0; c < lanes; ++c) out[c * step] = values[c];
}

/// The same for eight rows.
template <class T>
inline void panel_eight(T* out, std::int64_t step, const T* row, std::int64_t stride, const T* panel,
                        std::int64_t width) {
  constexpr int lanes = Panel<T>::lanes;
  const T *row2 = row + 2 * stride, *row4 = row2 + 2 * stride, *row6 = row4 + 2 * stride;
  Panel<T> a = {}, b = {}, c = {}, d = {}, e = {}, f = {}, g = {}, h = {};
  for (std::int64_t k = 0; k < width; ++k) {
    const Panel<T> factor = Panel<T>::load(panel + k * lanes);
    a.add_product(factor, row[k]);
    b.add_product(factor, row[stride + k]);
    c.add_product(factor, row2[k]);
    d.add_product(factor, row2[stride + k]);
    e.add_product(factor, row4[k]);
    f.add_product(factor, row4[stride + k]);
    g.add_product(factor, row6[k]);
    h.add_product(factor, row6[stride + k]);
  }
  T values[8][lanes];
  a.store(values[0]);
  b.store(values[1]);
  c.store(values[2]);
  d.store(values[3]);
  e.store(values[4]);
  f.store(values[5]);
  g.store(values[6]);
  h.store(values[7]);
  for (int column = 0; column < lanes; ++column) {
    for (int i = 0; i < 8; ++i) out[column * step + i] = values[i][column];
  }
}

template <class T>
void row_products(void* out, const void* rows, const void* columns, const ProductShape& shape) {
  constexpr int lanes = Panel<T>::lanes;
  const std::int64_t stride = shape.row_stride, step = shape.column_step, width = shape.width;
  const std::int64_t in_panels = shape.columns / lanes * lanes;
  const T* const single = static_cast<const T*>(columns) + in_panels * width;
  std::int64_t i = 0;
  for (; i + 8 <= shape.rows; i += 8) {
    T* target = static_cast<T*>(out) + i;
    const T* row = static_cast<const T*>(rows) + i * stride;
    for (std::int64_t c = 0; c < in_panels; c += lanes)
      panel_eight(target + c * step, step, row, stride, static_cast<const T*>(columns) + c * width, width);
    for (std::int64_t c = in_panels; c < shape.columns; ++c) {
      const T* column = single + (c - in_panels) * width;
      dot_four(target + c * step, row, stride, column, width);
      dot_four(target + c * step + 4, row + 4 * stride, stride, column, width);
    }
  }
  for (; i < shape.rows; ++i) {
    T* target = static_cast<T*>(out) + i;
    const T* row = static_cast<const T*>(rows) + i * stride;
    for (std::int64_t c = 0; c < in_panels; c += lanes)
      panel_one(target + c * step, step, row, static_cast<const T*>(columns) + c * width, width);
    for (std::int64_t c = in_panels; c < shape.columns; ++c)
      target[c * step] = dot(row, single + (c - in_panels) * width, width);
  }
}

// ---- columns of the rows times columns
// -----------------------------------------------------------------------------

template <class T, int bytes>
inline void add_to(double* accumulator, const Wide<T, bytes>& wide) {
  T values[Wide<T, bytes>::lanes];
  wide.store(values);
  for (int k = 0; k < Wide<T, bytes>::lanes; ++k) accumulator[k] += static_cast<double>(values[k]);
}

/// Four columns of factors, row after row, for `bytes` of entries from k on as often as they fit; returns the
/// first entry that is left.
template <class T, int bytes>
inline std::int64_t transposed_four(double* accumulator, const T* rows, const T* factors, std::int64_t count,
                                    std::int64_t k, const ProductShape& shape) {
  using Piece = Wide<T, bytes>;
  const T *f1 = factors + shape.column_step, *f2 = f1 + shape.column_step, *f3 = f2 + shape.column_step;
  for (; k + Piece::lanes <= shape.width; k += Piece::lanes) {
    Piece a = {}, b = {}, c = {}, d = {};
    const T* row = rows + k;
    for (std::int64_t i = 0; i < count; ++i, row += shape.row_stride) {
      const Piece piece = Piece::load(row);
      a.add_product(piece, factors[i]);
      b.add_product(piece, f1[i]);
      c.add_product(piece, f2[i]);
      d.add_product(piece, f3[i]);
    }
    add_to(accumulator + k, a);
    add_to(accumulator + shape.width + k, b);
    add_to(accumulator + 2 * shape.width + k, c);
    add_to(accumulator + 3 * shape.width + k, d);
  }
  return k;
}

template <class T>
inline void transposed_four(double* accumulator, const T* rows, const T* factors, std::int64_t count,
                            const ProductShape& shape) {
  std::int64_t k = transposed_four<T, 64>(accumulator, rows, factors, count, 0, shape);
  k = transposed_four<T, 32>(accumulator, rows, factors, count, k, shape);
  k = transposed_four<T, 16>(accumulator, rows, factors, count, k, shape);
  for (; k < shape.width; ++k) {
    T total[4] = {};
    for (std::int64_t i = 0; i < count; ++i) {
      for (int c = 0; c < 4; ++c)
        total[c] += rows[i * shape.row_stride + k] * factors[c * shape.column_step + i];
    }
    for (int c = 0; c < 4; ++c) accumulator[c * shape.width + k] += static_cast<double>(total[c]);
  }
}

/// One column of factors, four rows at a time, for up to `piece` entries of the rows.
template <class T>
inline void transposed_one(double* accumulator, const T* rows, const T* factors, std::int64_t n,
                           const ProductShape& shape) {
  constexpr int lanes = Line<T>::lanes;
  constexpr int piece = 8 * lanes;
  const std::int64_t stride = shape.row_stride;
  T total[piece] = {};
  std::int64_t i = 0;
  for (; i + 4 <= shape.rows; i += 4) {
    const T *row = rows + i * stride, *row1 = row + stride, *row2 = row1 + stride, *row3 = row2 + stride;
    std::int64_t k = 0;
    for (; k + lanes <= n; k += lanes) {
      Line<T> sum = Line<T>::load(total + k);
      sum.add_product(Line<T>::load(row + k), factors[i]);
      sum.add_product(Line<T>::load(row1 + k), factors[i + 1]);
      sum.add_product(Line<T>::load(row2 + k), factors[i + 2]);
      sum.add_product(Line<T>::load(row3 + k), factors[i + 3]);
      sum.store(total + k);
    }
    for (; k < n; ++k) {
      total[k] = total[k] + row[k] * factors[i] + row1[k] * factors[i + 1] + row2[k] * factors[i + 2] +
                 row3[k] * factors[i + 3];
    }
  }
  for (; i < shape.rows; ++i) {
    for (std::int64_t k = 0; k < n; ++k) total[k] += rows[i * stride + k] * factors[i];
  }
  for (std::int64_t k = 0; k < n; ++k) accumulator[k] += static_cast<double>(total[k]);
}

template <class T>
void transposed_products(double* accumulators, const void* rows, const void* factors,
                         const ProductShape& shape) {
  constexpr std::int64_t piece = 8 * Line<T>::lanes;
  const T* source = static_cast<const T*>(rows);
  const T* factor = static_cast<const T*>(factors);
  const std::int64_t width = shape.width;
  const std::int64_t in_fours = shape.columns / 4 * 4;
  // As many rows at a time as stay in the first-level cache while the columns take turns.
  std::int64_t few = in_fours > 0 ? (16 << 10) / (width * static_cast<std::int64_t>(sizeof(T))) : 0;
  if (few < 8) few = 8;
  for (std::int64_t i = 0; i < shape.rows && in_fours > 0; i += few) {
    const std::int64_t count = shape.rows - i < few ? shape.rows - i : few;
    for (std::int64_t c = 0; c < in_fours; c += 4) {
      transposed_four(accumulators + c * width, source + i * shape.row_stride,
                      factor + c * shape.column_step + i, count, shape);
    }
  }
  for (std::int64_t c = in_fours; c < shape.columns; ++c) {
    for (std::int64_t first = 0; first < width; first += piece) {
      const std::int64_t n = width - first < piece ? width - first : piece;
      transposed_one(accumulators + c * width + first, source + first, factor + c * shape.column_step, n,
                     shape);
    }
  }
}

}  // namespace
}  // namespace elbo::runtime
