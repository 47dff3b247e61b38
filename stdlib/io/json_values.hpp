// Values of JSON as they come: arrays of numbers become tensors while they are read, without a tree of the
// text in between.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/value.hpp"

namespace elbo::stdlib {

/// What the items of an array are as long as all are numbers, or arrays of numbers of one shape: their shape,
/// and the numbers one after another. Ints are kept exactly until it is known that they stand among reals.
class NumberArray {
 public:
  enum Kind : std::uint8_t { integer = 1, real = 2, truth = 4, null = 8 };

  void clear();
  std::int64_t items() const { return items_; }

  void add(Kind kind, double value);
  void add(Kind kind, std::int64_t value);
  /// An item that is an array; false (and nothing added) when its shape or kind is not that of the items so
  /// far.
  bool add(const NumberArray& item);
  /// Whether a single number of this kind can be added.
  bool takes(Kind kind) const;

  /// The items as a tensor.
  runtime::Tensor tensor() const;
  /// Item i alone, as it would have been without the others: a number, a tensor, or missing.
  runtime::Value item(std::int64_t i) const;

 private:
  bool is_mixed_with(std::uint8_t kinds) const;
  runtime::Tensor tensor_of(runtime::Shape shape, std::size_t first, std::size_t count) const;

  std::int64_t items_ = 0;
  runtime::Shape item_shape_;
  std::uint8_t kinds_ = 0;  // of all numbers together
  std::vector<std::uint64_t> bits_;
  std::vector<Kind> kind_of_;  // how the bits are to be read
};

/// Puts together the value of a text from its parts in order.
class JsonBuilder {
 public:
  void number(NumberArray::Kind kind, double value);
  void number(NumberArray::Kind kind, std::int64_t value);
  void text(std::string text);
  void begin_object();
  /// The name of the next item of the object; false when the object has it already.
  bool key(const std::string& name);
  void end_object();
  void begin_array();
  void end_array();

  /// After the last part.
  runtime::Value take() { return std::move(*root_); }

 private:
  /// An array or object that is not closed yet.
  struct Open {
    bool is_object = false;
    bool is_numeric = true;  // an array of numbers so far
    NumberArray numbers;
    runtime::List list;
    runtime::Record record;
    std::string key;
    std::set<std::string> keys;
  };

  Open& open(bool is_object);
  void add(runtime::Value value);
  /// Makes a list of what was an array of numbers.
  static void become_list(Open& array);

  std::vector<Open> open_;  // those from depth_ on are closed, and kept for their memory
  std::size_t depth_ = 0;
  std::optional<runtime::Value> root_;
};

}  // namespace elbo::stdlib
