// The options of `infer` itself.
#include "inference/run_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elbo::inference {

using namespace runtime;

namespace {

[[noreturn]] void bad(const GivenOption& option, const std::string& wanted) {
  fail("bad-option", "option `" + option.name + "` must be " + wanted + ", but is " + show(option.value),
       option.span);
}

double real_option(const GivenOption& option, const std::string& wanted) {
  if (!is_numeric(option.value) || option.value.is<Symbol>() || to_tensor(option.value).size() != 1)
    bad(option, wanted);
  const double value = to_tensor(option.value).real(0);
  if (!(value >= 0) || std::isinf(value)) bad(option, wanted);
  return value;
}

bool boolean_option(const GivenOption& option) {
  const bool* value = option.value.as<bool>();
  if (!value) bad(option, "true or false");
  return *value;
}

void read_optimizer(RunOptions& run, const GivenOption& option) {
  const ObjectPtr* object = option.value.as<ObjectPtr>();
  run.optimizer = object ? std::dynamic_pointer_cast<const Optimizer>(*object) : nullptr;
  if (!run.optimizer) bad(option, "an optimizer, such as adam(0.05)");
}

void read_precision(RunOptions& run, const GivenOption& option) {
  const std::string* text = option.value.as<std::string>();
  if (!text || (*text != "float64" && *text != "float32")) bad(option, "\"float64\" or \"float32\"");
  run.precision = *text == "float64" ? Precision::real64 : Precision::real32;
}

void read_record(RunOptions& run, const GivenOption& option) {
  const std::string* text = option.value.as<std::string>();
  if (!text || *text != "gradients") bad(option, "\"gradients\"");
  run.record_gradients = true;
}

// A number of rows, or {y: rows} for those of the observed variable y.
void read_batch(RunOptions& run, const GivenOption& option) {
  run.batch.span = option.span;
  const auto* record = option.value.as<std::shared_ptr<const Record>>();
  if (record == nullptr) {
    run.batch.size = whole_option(option, 1);
    return;
  }
  if ((*record)->size() != 1)
    bad(option, "a number of rows, or a record of one observed variable, such as {y: 100}");
  const auto& [name, value] = *(*record)->begin();
  run.batch.of = name;
  run.batch.size = whole_option({"batch", value, option.span}, 1);
}

// A file, or {file: "run.npz", every: 30}.
void read_checkpoint_option(RunOptions& run, const GivenOption& option) {
  const std::string wanted = "a file such as \"run.npz\", or {file: \"run.npz\", every: 30}";
  run.checkpoint.span = option.span;
  const auto* record = option.value.as<std::shared_ptr<const Record>>();
  const Value* file = record ? find_field(**record, "file") : &option.value;
  const std::string* text = file ? file->as<std::string>() : nullptr;
  if (!text) bad(option, wanted);
  if (!text->ends_with(".npz")) {
    fail("bad-option",
         "a checkpoint is one of NumPy's .npz files, so its name ends in .npz, unlike \"" + *text + "\"",
         option.span);
  }
  run.checkpoint.file = *text;
  if (!record) return;
  for (const auto& [name, value] : **record) {
    if (name == "every") {
      run.checkpoint.seconds = real_option({"every", value, option.span}, "a number of seconds, 0 or more");
    } else if (name != "file") {
      bad(option, wanted);
    }
  }
}

struct Row {
  std::string_view name, default_text, range, help;
  void (*read)(RunOptions&, const GivenOption&);
};

const std::array rows{
    Row{"steps", "5000", "1, 2, …", "number of optimisation steps",
        [](RunOptions& r, const GivenOption& o) { r.steps = whole_option(o, 1); }},
    Row{"optimizer", "adam(cosine(0.05))", "an optimizer", "how a gradient becomes a step", read_optimizer},
    Row{"seed", "the script's", "0, 1, …", "of all random numbers of this fit",
        [](RunOptions& r, const GivenOption& o) {
          r.seed = static_cast<std::uint64_t>(whole_option(o, 0));
          r.has_seed = true;
        }},
    Row{"tolerance", "0", ">= 0, in nats",
        "stop when the mean ELBO of 100 steps differs by less from that of the 100 before; 0: never",
        [](RunOptions& r, const GivenOption& o) {
          r.tolerance = real_option(o, "a number of nats, 0 or more");
        }},
    Row{"max_time", "0", ">= 0, in seconds", "stop after this long; 0: never",
        [](RunOptions& r, const GivenOption& o) {
          r.max_time = real_option(o, "a number of seconds, 0 or more");
        }},
    Row{"precision", "\"float64\"", "\"float64\", \"float32\"", "number type of the computation",
        read_precision},
    Row{"init", "none", "a fit or a record", "where the parameters start",
        [](RunOptions& r, const GivenOption& o) { r.init = o.value; }},
    Row{"record", "none", "\"gradients\"", "what to keep besides the ELBO and the trace", read_record},
    Row{"progress", "true", "true, false", "show a progress bar on a terminal",
        [](RunOptions& r, const GivenOption& o) { r.progress = boolean_option(o); }},
    Row{"batch", "none", "1, 2, …, or {y: 1, 2, …}",
        "rows of the data per step, at random; {y: 100}: those of the observed variable y; none: all",
        read_batch},
    Row{"epochs", "none", "1, 2, …", "passes over the rows, instead of `steps`",
        [](RunOptions& r, const GivenOption& o) { r.epochs = whole_option(o, 1); }},
    Row{"checkpoint", "none", "\"run.npz\", or {file: \"run.npz\", every: 30}",
        "where the state of the run is kept, written every 60 (or 30) seconds; `elbo run --resume` goes on from there",
        read_checkpoint_option}};

// Steps of `epochs` passes over the rows.
std::int64_t steps_of(const RunOptions& run, const ModelGraph& model) {
  if (run.epochs == 0) return run.steps;
  if (run.batch.size == 0) return run.epochs;
  return run.epochs * steps_of_pass(model, run.batch).steps;
}

// Programs hold the numbers of rows in their number type: beyond this, not every one has its own.
constexpr std::int64_t most_rows_float32 = std::int64_t{1} << 24;

}  // namespace

std::int64_t whole_option(const GivenOption& option, std::int64_t least) {
  const std::string wanted = "a whole number, " + std::to_string(least) + " or more";
  const std::int64_t* value = option.value.as<std::int64_t>();
  const double* real = option.value.as<double>();
  if (real && std::floor(*real) == *real && *real >= static_cast<double>(least) && *real < 1e15) {
    return static_cast<std::int64_t>(*real);  // 1e4 steps
  }
  if (!value || *value < least) bad(option, wanted);
  return *value;
}

std::vector<Option> run_option_list() {
  std::vector<Option> options;
  for (const Row& row : rows) {
    options.push_back({std::string(row.name), Value(std::string(row.default_text)), std::string(row.help),
                       std::string(row.range)});
  }
  return options;
}

void require_known(const std::vector<GivenOption>& given, const std::vector<std::string>& names,
                   const std::string& function) {
  for (const GivenOption& option : given) {
    if (std::find(names.begin(), names.end(), option.name) != names.end()) continue;
    std::string hint = lang::did_you_mean(option.name, names);
    if (hint.empty()) hint = "`elbo help " + function + "` lists the options";
    fail("unknown-option", function + " has no option `" + option.name + "`", option.span, hint);
  }
}

RunOptions read_run_options(const std::vector<GivenOption>& given) {
  RunOptions run;
  std::vector<std::string> names;
  for (const Row& row : rows) names.emplace_back(row.name);
  require_known(given, names, "infer");
  for (const GivenOption& option : given) {
    std::find_if(rows.begin(), rows.end(), [&](const Row& r) {
      return r.name == option.name;
    })->read(run, option);
  }
  const auto given_option = [&](std::string_view name) {
    return std::find_if(given.begin(), given.end(), [&](const GivenOption& o) { return o.name == name; });
  };
  if (run.epochs > 0 && given_option("steps") != given.end()) {
    fail("bad-option", "`steps` and `epochs` both say how long to run", given_option("epochs")->span,
         "leave one of them out");
  }
  return run;
}

RunOptions read_run_options(const std::vector<GivenOption>& given, const ModelGraph& model,
                            std::int64_t steps) {
  RunOptions run = read_run_options(given);
  const bool says =
      std::any_of(given.begin(), given.end(), [](const GivenOption& o) { return o.name == "steps"; });
  if (!says) run.steps = steps;
  if (run.batch.size > 0 && run.precision == Precision::real32 &&
      row_count(model, run.batch) > most_rows_float32) {
    fail("bad-option", "batches of more than 16,777,216 rows need precision = \"float64\"", run.batch.span,
         "float32 has no numbers to tell more rows apart");
  }
  run.steps = steps_of(run, model);
  return run;
}

}  // namespace elbo::inference
