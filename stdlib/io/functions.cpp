// read_csv, read_json, write_csv: the readers and writers as functions of the language.
#include "stdlib/io/functions.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/files/atomic_file.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/missing.hpp"
#include "stdlib/io/csv.hpp"
#include "stdlib/io/json.hpp"

namespace elbo::stdlib {

using runtime::Arguments;
using runtime::fail;
using runtime::Function;
using runtime::Interpreter;
using runtime::List;
using runtime::Record;
using runtime::Tensor;
using runtime::Value;
using runtime::write_file;

namespace {

FileContext find(const Interpreter& interpreter, const Arguments& a) {
  return {interpreter.find_file(string_argument(a, 0, "path"), a.spans[0]), a.spans[0]};
}

void warn(Interpreter& interpreter, std::string code, std::string message, const lang::Span& span) {
  lang::Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.span = span;
  diagnostic.tier = lang::Tier::warning;
  interpreter.warn(std::move(diagnostic));
}

// ---- read_csv
// ------------------------------------------------------------------------------------------------

char delimiter_argument(const Arguments& a, std::size_t i) {
  if (!a.given[i]) return ',';
  const std::string text = string_argument(a, i, "delimiter");
  if (text.size() != 1 || text == "\"" || text == "\n" || text == "\r") {
    fail("bad-argument", "`delimiter` must be one character other than a quote or a newline", a.spans[i],
         "for tabs, write delimiter = \"\\t\"");
  }
  return text[0];
}

std::vector<std::string> missing_argument(const Arguments& a, std::size_t i) {
  if (!a.given[i]) return {"", "NA", "N/A", "NaN", "nan", "null", "NULL"};
  if (a.values[i].is<std::string>()) return {*a.values[i].as<std::string>()};
  std::vector<std::string> texts;
  if (const auto* list = a.values[i].as<std::shared_ptr<const List>>()) {
    for (const Value& item : **list) {
      if (item.is<std::string>()) texts.push_back(*item.as<std::string>());
    }
    if (texts.size() == (*list)->size()) return texts;
  }
  fail("wrong-type", "`missing` must be a list of strings, but is " + type_name(a.values[i]), a.spans[i]);
}

/// One name per column, all different; those that had to be changed are said once.
std::vector<std::string> column_names(Interpreter& interpreter, const CsvTable& table, bool header,
                                      const FileContext& file) {
  std::vector<std::string> names;
  std::string changed;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    const std::string& written = table.columns[j].header;
    std::string name = identifier_from(written);
    if (name.empty()) name = "column_" + std::to_string(j + 1);
    if (header && name != written)
      changed += (changed.empty() ? "`" : ", `") + written + "` is read as `" + name + "`";
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      fail("csv-duplicate-column", "two columns of " + file.path + " are called `" + name + "`", file.span,
           "rename one of them in line " + std::to_string(table.first_line));
    }
    names.push_back(std::move(name));
  }
  if (!changed.empty()) {
    warn(interpreter, "csv-renamed-column", "in " + file.path + ", the column " + changed, file.span);
  }
  return names;
}

Value read_csv(Interpreter& interpreter, const Arguments& a) {
  const FileContext file = find(interpreter, a);
  CsvOptions options;
  options.header = a.given[1] ? boolean_argument(a, 1, "header") : true;
  options.delimiter = delimiter_argument(a, 2);
  options.missing = missing_argument(a, 3);
  CsvTable table = parse_csv(read_whole(file), options, file);
  if (table.columns.empty()) fail("file-empty", file.path + " has only blank lines", file.span);
  const std::vector<std::string> names = column_names(interpreter, table, options.header, file);
  Record record;
  for (std::size_t j = 0; j < names.size(); ++j) {
    CsvColumn& column = table.columns[j];
    if (column.missing > 0) {
      warn(interpreter, "missing-values",
           "column `" + names[j] + "` of " + file.path + " has " + std::to_string(column.missing) +
               (column.missing == 1 ? " missing value, in line " : " missing values, the first in line ") +
               std::to_string(column.first_missing_line),
           file.span);
    }
    record.emplace_back(names[j], std::move(column.value));
  }
  return runtime::make_record(std::move(record));
}

// ---- read_json
// -----------------------------------------------------------------------------------------------

Value read_json(Interpreter& interpreter, const Arguments& a) {
  const FileContext file = find(interpreter, a);
  return parse_json(read_whole(file), file);
}

// ---- write_csv
// -----------------------------------------------------------------------------------------------

/// The shortest text that reads as the same number; integers without a point, missing entries as NA.
std::string number_text(const Tensor& tensor, std::int64_t i) {
  if (tensor.storage() == runtime::Storage::boolean) return tensor.integer(i) != 0 ? "true" : "false";
  char buffer[32];
  std::to_chars_result result{};
  if (tensor.storage() == runtime::Storage::integer || tensor.storage() == runtime::Storage::byte) {
    result = std::to_chars(buffer, buffer + sizeof buffer, tensor.integer(i));
  } else {
    const double x = tensor.real(i);
    if (runtime::is_missing(x)) return "NA";
    result = std::to_chars(buffer, buffer + sizeof buffer, x);
  }
  return std::string(buffer, result.ptr);
}

std::vector<std::string> column_texts(const std::string& name, const Value& value, const lang::Span& span) {
  std::vector<std::string> texts;
  if (const auto* list = value.as<std::shared_ptr<const List>>()) {
    for (const Value& item : **list) {
      if (!item.is<std::string>() && !item.is<runtime::Missing>()) break;
      texts.push_back(item.is<std::string>() ? *item.as<std::string>() : "NA");
    }
    if (texts.size() == (*list)->size()) return texts;
  } else if (value.is<runtime::Range>() || (is_numeric(value) && !value.is<runtime::Symbol>())) {
    const Tensor tensor = to_tensor(value);
    if (tensor.rank() <= 1) {
      for (std::int64_t i = 0; i < tensor.size(); ++i) texts.push_back(number_text(tensor, i));
      return texts;
    }
  }
  fail("wrong-type",
       "column `" + name + "` must be a vector of numbers or a list of strings, but is " + type_name(value),
       span);
}

Value write_csv(Interpreter& interpreter, const Arguments& a) {
  const auto* record = a.values[0].as<std::shared_ptr<const Record>>();
  if (record == nullptr) {
    fail("wrong-type", "`record` must be a record of columns, but is " + type_name(a.values[0]), a.spans[0],
         "write {x: x, y: y}");
  }
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> columns;
  for (const auto& [name, value] : **record) {
    names.push_back(name);
    columns.push_back(column_texts(name, value, a.spans[0]));
    if (columns.back().size() != columns.front().size()) {
      fail("shape-mismatch",
           "column `" + name + "` has " + std::to_string(columns.back().size()) + " entries, but column `" +
               names.front() + "` has " + std::to_string(columns.front().size()),
           a.spans[0]);
    }
  }
  std::string text = csv_line(names) + "\n";
  for (std::size_t i = 0; !columns.empty() && i < columns.front().size(); ++i) {
    std::vector<std::string> cells;
    for (const auto& column : columns) cells.push_back(column[i]);
    text += csv_line(cells) + "\n";
  }
  write_file(output_path(interpreter, string_argument(a, 1, "path")), text, a.spans[1]);
  return runtime::None{};
}

}  // namespace

std::vector<Function> io_functions() {
  const std::string category = "input and output";
  return {
      {"read_csv", "read_csv(path, header = true, delimiter = \",\", missing = none)",
       "Reads a table as a record of columns: vectors of numbers, or lists of strings. Cells that are empty, "
       "NA, N/A, "
       "NaN or null (or one of `missing`) are missing — e.g. let d = read_csv(\"data/schools.csv\"); "
       "mean(d.y)",
       category, read_csv},
      {"read_json", "read_json(path)",
       "Reads JSON: objects become records, arrays of numbers tensors, null missing values — e.g. "
       "let d = read_json(\"data/eight_schools.json\"); d.y[1]",
       category, read_json},
      {"write_csv", "write_csv(record, path)",
       "Writes a record of columns of equal length as a table with a header, into the folder given by --out "
       "if any — "
       "e.g. write_csv({t: 1:3, y: [0.5, 1.5, 2.5]}, \"y.csv\")",
       category, write_csv},
  };
}

}  // namespace elbo::stdlib
