// read_npy, read_npz, write_npy, write_npz, read_idx: arrays in binary files as functions of the language.
#include "runtime/files/npy.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/io/functions.hpp"
#include "stdlib/io/idx.hpp"

namespace elbo::stdlib {

using runtime::FileContext;

namespace {

FileContext find(const Interpreter& interpreter, const Arguments& a) {
  return {interpreter.find_file(string_argument(a, 0, "path"), a.spans[0]), a.spans[0]};
}

std::string target(const Interpreter& interpreter, const Arguments& a) {
  return output_path(interpreter, string_argument(a, 1, "path"));
}

Tensor known_numbers(const Value& value, const lang::Span& span, const std::string& name) {
  const Value number = numeric_value(value, span, name);
  if (symbol(number) != nullptr) wrong_type(name, "data: a file cannot hold random variables", value, span);
  return to_tensor(number);
}

Value read_npy(Interpreter& interpreter, const Arguments& a) {
  return from_tensor(runtime::read_npy(find(interpreter, a)));
}

Value read_npz(Interpreter& interpreter, const Arguments& a) {
  Record record;
  for (auto& [name, tensor] : runtime::read_npz(find(interpreter, a))) {
    record.emplace_back(name, from_tensor(std::move(tensor)));
  }
  return runtime::make_record(std::move(record));
}

Value read_idx_file(Interpreter& interpreter, const Arguments& a) {
  return from_tensor(read_idx(find(interpreter, a)));
}

Value write_npy(Interpreter& interpreter, const Arguments& a) {
  runtime::write_npy(target(interpreter, a), known_numbers(a.values[0], a.spans[0], "x"), a.spans[1]);
  return runtime::None{};
}

Value write_npz(Interpreter& interpreter, const Arguments& a) {
  const auto* record = a.values[0].as<RecordPtr>();
  if (record == nullptr)
    wrong_type("record", "a record of tensors", a.values[0], a.spans[0], "write {x: x, y: y}");
  runtime::NamedTensors tensors;
  for (const auto& [name, value] : **record)
    tensors.emplace_back(name, known_numbers(value, a.spans[0], name));
  runtime::write_npz(target(interpreter, a), tensors, a.spans[1]);
  return runtime::None{};
}

}  // namespace

std::vector<Function> array_file_functions() {
  const std::string category = "input and output";
  return {
      {"read_npy", "read_npy(path)",
       "Reads an array of NumPy: bool, uint8, float32 and float64 stay what they are, other whole numbers "
       "become ints "
       "— e.g. let x = read_npy(\"data/x.npy\"); mean(x)",
       category, read_npy},
      {"read_npz", "read_npz(path)",
       "Reads the named arrays that numpy.savez or numpy.savez_compressed wrote, as a record — e.g. let d = "
       "read_npz(\"data/arrays.npz\"); d.x[1]",
       category, read_npz},
      {"write_npy", "write_npy(x, path)",
       "Writes a number or tensor as an array of NumPy, into the folder given by --out if any — e.g. "
       "write_npy([0.5, 1.5], \"x.npy\")",
       category, write_npy},
      {"write_npz", "write_npz(record, path)",
       "Writes a record of numbers and tensors as named arrays that numpy.load reads, into the folder given "
       "by --out if "
       "any — e.g. write_npz({x: [0.5, 1.5], n: 2}, \"arrays.npz\")",
       category, write_npz},
      {"read_idx", "read_idx(path)",
       "Reads an IDX file, the format of MNIST, also packed by gzip; bytes stay bytes — e.g. let x = "
       "read_idx(\"mnist/train-images-idx3-ubyte.gz\"); x[1] > 127",
       category, read_idx_file},
  };
}

}  // namespace elbo::stdlib
