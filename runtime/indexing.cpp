// Reading and replacing entries of tensors, lists, strings and records.
#include "runtime/indexing.hpp"

#include <functional>

#include "lang/diagnostic.hpp"
#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

void check_count(std::size_t given, std::size_t rank, const std::string& name, const lang::Span& span) {
  if (given <= rank) return;
  const std::string has = rank == 1 ? "1 axis" : std::to_string(rank) + " axes";
  fail("too-many-indices",
       "`" + name + "` has " + has + ", but is given " + std::to_string(given) + " indices", span);
}

// ---- tensors ----------------------------------------------------------------------------------------------

struct TensorSelection {
  std::vector<Selection> axes;  // one per subscript
  Shape shape;                  // of the selected entries
  std::int64_t block = 1;       // elements below the last subscript's axis, which stay together
};

TensorSelection select_entries(const Shape& shape, const std::vector<Subscript>& subscripts,
                               const std::string& name) {
  check_count(subscripts.size(), shape.size(), name, subscripts.back().span);
  TensorSelection result;
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    result.axes.push_back(select(subscripts[i], shape[i], i + 1, shape.size(), name));
    result.shape.insert(result.shape.end(), result.axes.back().shape.begin(), result.axes.back().shape.end());
  }
  for (std::size_t i = subscripts.size(); i < shape.size(); ++i) {
    result.shape.push_back(shape[i]);
    result.block *= shape[i];
  }
  return result;
}

/// Calls visit(offset in the base, number of elements) for each run of selected elements that lie side by
/// side, in the order of the result.
void for_each_run(const Shape& shape, const TensorSelection& selection, std::size_t axis, std::int64_t offset,
                  const std::function<void(std::int64_t, std::int64_t)>& visit) {
  const std::vector<std::int64_t>& positions = selection.axes[axis].positions;
  if (axis + 1 < selection.axes.size()) {
    for (const std::int64_t position : positions) {
      for_each_run(shape, selection, axis + 1, (offset + position) * shape[axis + 1], visit);
    }
    return;
  }
  for (std::size_t i = 0; i < positions.size();) {
    std::size_t end = i + 1;
    while (end < positions.size() && positions[end] == positions[end - 1] + 1) ++end;
    visit((offset + positions[i]) * selection.block, static_cast<std::int64_t>(end - i) * selection.block);
    i = end;
  }
}

/// Calls visit(tag of the element type, make(values)) for the storage of a tensor.
template <class Visitor>
Tensor with_storage(const Tensor& tensor, Visitor visit) {
  const auto plain = [](Shape s, auto v) { return Tensor(std::move(s), std::move(v)); };
  const auto boolean = [](Shape s, auto v) { return Tensor::boolean(std::move(s), std::move(v)); };
  if (tensor.storage() == Storage::boolean) return visit(std::uint8_t{}, boolean);
  if (tensor.storage() == Storage::byte) return visit(std::uint8_t{}, plain);
  if (tensor.storage() == Storage::integer) return visit(std::int64_t{}, plain);
  if (tensor.storage() == Storage::single) return visit(float{}, plain);
  return visit(double{}, plain);
}

/// The element for which all subscripts are single ints, found without building selections.
std::optional<Value> single_element(const Tensor& tensor, const std::vector<Subscript>& subscripts) {
  if (subscripts.size() != tensor.rank()) return std::nullopt;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    const auto* position = subscripts[i].value.as<std::int64_t>();
    const std::int64_t extent = tensor.shape()[i];
    if (position == nullptr || *position < 1 || *position > extent) return std::nullopt;
    offset = offset * extent + *position - 1;
  }
  return from_tensor(with_storage(tensor, [&](auto tag, auto make) {
    using T = decltype(tag);
    return make(Shape{}, std::vector<T>{tensor.values<T>()[static_cast<std::size_t>(offset)]});
  }));
}

/// x[mask] with a mask over several leading axes: they become one.
std::optional<Subscript> flat_mask(const Tensor& tensor, const std::vector<Subscript>& subscripts,
                                   Tensor& flat) {
  const auto* mask = subscripts[0].value.as<Tensor>();
  if (subscripts.size() != 1 || mask == nullptr || mask->storage() != Storage::boolean) return std::nullopt;
  const std::size_t rank = mask->rank();
  if (rank < 2 || rank > tensor.rank()) return std::nullopt;
  const auto begin = tensor.shape().begin();
  if (!std::equal(mask->shape().begin(), mask->shape().end(), begin)) return std::nullopt;
  Shape shape(begin + static_cast<std::ptrdiff_t>(rank), tensor.shape().end());
  shape.insert(shape.begin(), mask->size());
  flat = tensor.reshaped(shape);
  Subscript result = subscripts[0];
  result.value = mask->reshaped({mask->size()});
  return result;
}

Value index_tensor(const Tensor& tensor, const std::vector<Subscript>& subscripts, const std::string& name) {
  if (auto element = single_element(tensor, subscripts)) return std::move(*element);
  Tensor flat;
  if (const auto mask = flat_mask(tensor, subscripts, flat)) return index_tensor(flat, {*mask}, name);
  const TensorSelection selection = select_entries(tensor.shape(), subscripts, name);
  return from_tensor(with_storage(tensor, [&](auto tag, auto make) {
    using T = decltype(tag);
    const auto source = tensor.values<T>();
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(element_count(selection.shape)));
    for_each_run(tensor.shape(), selection, 0, 0, [&](std::int64_t offset, std::int64_t count) {
      const auto first = source.begin() + offset;
      values.insert(values.end(), first, first + count);
    });
    return make(selection.shape, std::move(values));
  }));
}

// ---- lists, strings, records ------------------------------------------------------------------------------

Value index_list(const List& list, const std::vector<Subscript>& subscripts, const std::string& name) {
  const Selection selection = select(subscripts[0], static_cast<std::int64_t>(list.size()), 1, 1, name);
  if (selection.shape.empty()) {
    const Value& item = list[static_cast<std::size_t>(selection.positions[0])];
    if (subscripts.size() == 1) return item;
    return index(item, {subscripts.begin() + 1, subscripts.end()}, name + "[…]");
  }
  check_count(subscripts.size(), 1, name, subscripts.back().span);
  List items;
  for (const std::int64_t i : selection.positions) items.push_back(list[static_cast<std::size_t>(i)]);
  return make_list(std::move(items));
}

/// The characters (Unicode code points) of a text.
std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> result;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
    if (continues && !result.empty()) {
      result.back() += c;
    } else {
      result.emplace_back(1, c);
    }
  }
  return result;
}

Value index_string(const std::string& text, const std::vector<Subscript>& subscripts,
                   const std::string& name) {
  check_count(subscripts.size(), 1, name, subscripts.back().span);
  const std::vector<std::string> parts = characters(text);
  std::string result;
  for (const std::int64_t i :
       select(subscripts[0], static_cast<std::int64_t>(parts.size()), 1, 1, name).positions) {
    result += parts[static_cast<std::size_t>(i)];
  }
  return result;
}

Value index_record(const Record& record, const std::vector<Subscript>& subscripts, const std::string& name) {
  const auto* key = subscripts[0].value.as<std::string>();
  if (subscripts.size() != 1 || key == nullptr) {
    fail("index-type", "the record `" + name + "` is indexed by the name of a field", subscripts[0].span,
         "write " + name + ".field or " + name + "[\"field\"]");
  }
  if (const Value* field = find_field(record, *key)) return *field;
  std::vector<std::string> names;
  for (const auto& field : record) names.push_back(field.first);
  fail("unknown-field", "the record `" + name + "` has no field `" + *key + "`", subscripts[0].span,
       lang::did_you_mean(*key, names));
}

bool is_integral(const Value& value) {
  if (value.is<std::int64_t>()) return true;
  const auto* t = value.as<Tensor>();
  return t != nullptr && (t->storage() == Storage::integer || t->storage() == Storage::byte);
}

}  // namespace

Value index(const Value& base, const std::vector<Subscript>& subscripts, const std::string& name) {
  std::vector<Value> values{base};
  for (const Subscript& s : subscripts) values.push_back(s.value);
  if (const auto graph = graph_of(values)) return index_symbol(base, subscripts, name, graph);
  if (const auto* tensor = base.as<Tensor>()) return index_tensor(*tensor, subscripts, name);
  if (base.is<Range>()) return index_tensor(to_tensor(base), subscripts, name);
  if (const auto* list = base.as<std::shared_ptr<const List>>()) return index_list(**list, subscripts, name);
  if (const auto* text = base.as<std::string>()) return index_string(*text, subscripts, name);
  if (const auto* record = base.as<std::shared_ptr<const Record>>())
    return index_record(**record, subscripts, name);
  const bool call = base.is<const Function*>() || base.is<std::shared_ptr<const Closure>>();
  fail("not-indexable", "`" + name + "` is " + type_name(base) + ", which has no entries", subscripts[0].span,
       call ? "a function is called with parentheses" : "");
}

// ---- replacing --------------------------------------------------------------------------------------------

namespace {

Value replace_in_tensor(const Tensor& tensor, const std::vector<Subscript>& subscripts, const Value& entries,
                        const std::string& name) {
  if (entries.is<Symbol>() || !(is_numeric(entries) || entries.is<Range>() || entries.is<Missing>())) {
    fail("wrong-type", "an entry of `" + name + "` must be a number, but is " +
                           (entries.is<Symbol>() ? "not known yet" : type_name(entries)));
  }
  const Tensor source = to_tensor(entries);
  const TensorSelection selection = select_entries(tensor.shape(), subscripts, name);
  if (source.rank() > 0 && source.shape() != selection.shape) {
    fail("shape-mismatch", "the selected entries of `" + name + "` have shape " + show(selection.shape) +
                               ", but the value has shape " + show(source.shape()));
  }
  // Reals put into an array of ints make it an array of reals.
  const bool widen = !is_integral(entries) && source.storage() != Storage::boolean;
  const bool keep = tensor.storage() == source.storage() || tensor.storage() == Storage::single;
  const Tensor base = tensor.stored_as(keep                                         ? tensor.storage()
                                       : widen || tensor.storage() == Storage::real ? Storage::real
                                                                                    : Storage::integer);
  const Tensor values = source.stored_as(base.storage());
  return with_storage(base, [&](auto tag, auto make) {
    using T = decltype(tag);
    const auto old = base.values<T>();
    const auto fresh = values.values<T>();
    std::vector<T> result(old.begin(), old.end());
    std::size_t next = 0;
    for_each_run(base.shape(), selection, 0, 0, [&](std::int64_t offset, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) {
        result[static_cast<std::size_t>(offset + i)] = source.rank() == 0 ? fresh[0] : fresh[next++];
      }
    });
    return make(base.shape(), std::move(result));
  });
}

Value replace_in_list(const List& list, const std::vector<Subscript>& subscripts, const Value& entries,
                      const std::string& name) {
  const Selection selection = select(subscripts[0], static_cast<std::int64_t>(list.size()), 1, 1, name);
  if (!selection.shape.empty()) {
    fail("index-type", "one entry of the list `" + name + "` is replaced at a time", subscripts[0].span);
  }
  List items = list;
  Value& item = items[static_cast<std::size_t>(selection.positions[0])];
  item = subscripts.size() == 1
             ? entries
             : with_entries(item, {subscripts.begin() + 1, subscripts.end()}, entries, name + "[…]");
  return make_list(std::move(items));
}

}  // namespace

Value with_entries(const Value& base, const std::vector<Subscript>& subscripts, const Value& entries,
                   const std::string& name) {
  if (const auto* list = base.as<std::shared_ptr<const List>>()) {
    return replace_in_list(**list, subscripts, entries, name);
  }
  for (const Subscript& s : subscripts) {
    if (s.value.is<Symbol>()) {
      fail("not-yet-supported", "an entry of `" + name + "` cannot be assigned at an index that is random",
           s.span);
    }
  }
  if (const auto* tensor = base.as<Tensor>()) return replace_in_tensor(*tensor, subscripts, entries, name);
  if (base.is<Range>()) return replace_in_tensor(to_tensor(base), subscripts, entries, name);
  fail("not-indexable", "entries of `" + name + "`, which is " + type_name(base) + ", cannot be assigned",
       subscripts[0].span);
}

}  // namespace elbo::runtime
