// Records and lists: their keys, their values, and a record of columns as a table of text.
#include <algorithm>

#include "runtime/format.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "lists and records";

const Record& record_argument(const Arguments& a, std::size_t i) {
  const auto* record = a.values[i].as<RecordPtr>();
  if (record == nullptr) wrong_type("record", "a record", a.values[i], a.spans[i], "write {x: x, y: y}");
  return **record;
}

Value keys(Interpreter&, const Arguments& a) {
  List names;
  for (const auto& field : record_argument(a, 0)) names.emplace_back(field.first);
  return runtime::make_list(std::move(names));
}

Value values(Interpreter&, const Arguments& a) {
  List items;
  for (const auto& field : record_argument(a, 0)) items.push_back(field.second);
  return runtime::make_list(std::move(items));
}

Value has(Interpreter&, const Arguments& a) {
  return runtime::find_field(record_argument(a, 0), string_argument(a, 1, "key")) != nullptr;
}

/// Records joined; fields of later ones replace those of the same name.
Value merge(Interpreter&, const Arguments& a) {
  Record merged;
  for (std::size_t i = 0; i < a.rest.size(); ++i) {
    const auto* record = a.rest[i].as<RecordPtr>();
    if (record == nullptr) wrong_type("record", "a record", a.rest[i], a.rest_spans[i]);
    for (const auto& field : **record) {
      const auto known =
          std::find_if(merged.begin(), merged.end(), [&](const auto& f) { return f.first == field.first; });
      if (known == merged.end()) {
        merged.push_back(field);
      } else {
        known->second = field.second;
      }
    }
  }
  return runtime::make_record(std::move(merged));
}

// ---- table
// -----------------------------------------------------------------------------------------------------

struct TableColumn {
  std::vector<std::string> cells;  // the header first
  bool numeric = true;             // numbers are set flush right
  std::size_t width = 0;
};

std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TableColumn table_column(const std::string& name, const Value& value, const lang::Span& span) {
  TableColumn column;
  column.cells.push_back(name);
  if (const auto* list = value.as<ListPtr>()) {
    for (const Value& item : **list) column.cells.push_back(show(item));
    column.numeric = false;
  } else if (value.is<std::string>()) {
    column.cells.push_back(*value.as<std::string>());
    column.numeric = false;
  } else {
    const Value number = numeric_value(value, span, name);
    if (symbol(number) != nullptr || shape_of(number).size() > 1) {
      wrong_type(name, "a vector, a list or a number", value, span);
    }
    const Tensor tensor = to_tensor(number);
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
      column.cells.push_back(is_integral(tensor) ? std::to_string(tensor.integer(i))
                                                 : runtime::show_real(tensor.real(i)));
    }
  }
  for (const std::string& cell : column.cells) column.width = std::max(column.width, text_width(cell));
  return column;
}

Value table(Interpreter&, const Arguments& a) {
  std::vector<TableColumn> columns;
  std::size_t height = 0;
  for (const auto& [name, value] : record_argument(a, 0)) {
    columns.push_back(table_column(name, value, a.spans[0]));
    height = std::max(height, columns.back().cells.size());
  }
  std::string text;
  for (std::size_t row = 0; row < height; ++row) {
    std::string line;
    for (const TableColumn& column : columns) {
      const std::string cell = row < column.cells.size() ? column.cells[row] : "";
      const std::string padding(column.width - text_width(cell), ' ');
      line += (&column == &columns.front() ? "" : "  ") + (column.numeric ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += (row == 0 ? "" : "\n") + line;
  }
  return text;
}

}  // namespace

std::vector<Function> collection_functions() {
  return {
      {"keys", "keys(record)", "Names of the fields of a record — e.g. keys({a: 1, b: 2}) is [\"a\", \"b\"]",
       category, keys},
      {"values", "values(record)", "Values of the fields of a record, as a list — e.g. values({a: 1, b: 2})",
       category, values},
      {"has", "has(record, key)",
       "Whether a record has a field of this name — e.g. has({a: 1}, \"b\") is false", category, has},
      {"merge", "merge(...)",
       "Records joined into one; later fields replace earlier ones of the same name — e.g. merge({a: 1}, {b: "
       "2})",
       category, merge},
      {"table", "table(record)",
       "A record of columns as text with aligned columns, to print — e.g. print(table({x: [1, 2], y: [0.5, "
       "0.25]}))",
       category, table},
  };
}

}  // namespace elbo::stdlib
