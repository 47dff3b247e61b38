// Showing values and filling format strings.
#include "runtime/format.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "runtime/library.hpp"
#include "runtime/missing.hpp"

namespace elbo::runtime {

// ---- show -------------------------------------------------------------------------------------------------

namespace {

// A dimension longer than this is abbreviated to its first and last few entries.
constexpr std::int64_t longest_shown = 20;
constexpr std::int64_t first_shown = 5;
constexpr std::int64_t last_shown = 2;

using ShowElement = std::function<std::string(std::int64_t)>;

/// The entries of dimension `dim` from flat index `offset` on, in brackets.
std::string show_dimension(const Shape& shape, std::size_t dim, std::int64_t offset,
                           const ShowElement& element, bool abbreviate) {
  if (dim == shape.size()) return element(offset);
  const std::int64_t extent = shape[dim];
  const std::int64_t stride =
      element_count(Shape(shape.begin() + static_cast<std::ptrdiff_t>(dim) + 1, shape.end()));
  std::string text = "[";
  for (std::int64_t i = 0; i < extent; ++i) {
    if (i > 0) text += ", ";
    if (abbreviate && extent > longest_shown && i == first_shown) {
      text += "…, ";
      i = extent - last_shown;
    }
    text += show_dimension(shape, dim + 1, offset + i * stride, element, abbreviate);
  }
  return text + "]";
}

std::string show_element(const Tensor& tensor, std::int64_t i) {
  if (tensor.storage() == Storage::boolean) return tensor.integer(i) != 0 ? "true" : "false";
  if (tensor.storage() == Storage::integer || tensor.storage() == Storage::byte) {
    return std::to_string(tensor.integer(i));
  }
  return show_real(tensor.real(i));
}

std::string show_tensor(const Tensor& tensor) {
  std::string text = show_dimension(
      tensor.shape(), 0, 0, [&](std::int64_t i) { return show_element(tensor, i); }, true);
  for (const std::int64_t extent : tensor.shape()) {
    if (extent > longest_shown) return text + " (" + type_name(tensor) + ")";
  }
  return text;
}

std::string show_nested(const Value& value) {
  if (const auto* s = value.as<std::string>()) return "\"" + *s + "\"";
  return show(value);
}

std::string show_list(const List& list) {
  return show_dimension(
      {static_cast<std::int64_t>(list.size())}, 0, 0,
      [&](std::int64_t i) { return show_nested(list[static_cast<std::size_t>(i)]); }, true);
}

std::string show_record(const Record& record) {
  std::string text = "{";
  for (const auto& [name, value] : record) {
    if (text.size() > 1) text += ", ";
    text += name + ": " + show_nested(value);
  }
  return text + "}";
}

std::string show_parameters(const lang::Callable& callable) {
  std::string text = "(";
  for (const lang::Parameter& p : callable.parameters) {
    if (text.size() > 1) text += ", ";
    text += p.name.name;
    if (p.default_value) text += " = " + std::string(p.default_value->span.text());
  }
  return text + ")";
}

std::string show_distribution(const DistributionValue& d) {
  // A distribution made of others has them in its name: `Truncated(Normal, mean = 0, sd = 1, lower = 0)`.
  std::string text = d.distribution->name;
  const bool combined = text.ends_with(')');
  if (combined) text.pop_back();
  text += combined ? ", " : "(";
  for (std::size_t i = 0; i < d.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text += role(*d.distribution, d.alternative, i).name + " = " + show(d.parameters[i]);
  }
  if (!d.size.empty()) text += ", size = " + (d.size.size() == 1 ? std::to_string(d.size[0]) : show(d.size));
  return text + ")";
}

struct Shower {
  std::string operator()(const None&) const { return "none"; }
  std::string operator()(const Missing&) const { return "missing"; }
  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(std::int64_t i) const { return std::to_string(i); }
  std::string operator()(double x) const { return show_real(x); }
  std::string operator()(const std::string& s) const { return s; }
  std::string operator()(const Tensor& t) const { return show_tensor(t); }
  std::string operator()(const std::shared_ptr<const List>& l) const { return show_list(*l); }
  std::string operator()(const std::shared_ptr<const Record>& r) const { return show_record(*r); }
  std::string operator()(const Range& r) const {
    return std::to_string(r.first) + ":" + std::to_string(r.last);
  }
  std::string operator()(const Symbol& s) const { return "<unknown " + type_name(s) + ">"; }
  std::string operator()(const std::shared_ptr<const Closure>& c) const {
    const std::string kind = c->kind == CallableKind::function ? "fn" : type_name(c);
    return kind + (c->name.empty() ? "" : " " + c->name) + show_parameters(*c->callable);
  }
  std::string operator()(const Function* f) const { return "fn " + f->signature; }
  std::string operator()(const std::shared_ptr<const ModelCall>& c) const {
    return type_name(c) + " " + c->closure->name;
  }
  std::string operator()(const std::shared_ptr<const DistributionValue>& d) const {
    return show_distribution(*d);
  }
  std::string operator()(const ObjectPtr& o) const { return o->show(); }
};

}  // namespace

std::string show_real(double value) {
  if (is_missing(value)) return "missing";
  if (std::isnan(value)) return "nan";  // never "-nan": the sign of a NaN means nothing
  return fmt::format("{:.6g}", value == 0 ? 0.0 : value);
}

std::string show(const Value& value) { return std::visit(Shower{}, value.variant()); }

// ---- format strings ---------------------------------------------------------------------------------------

namespace {

[[noreturn]] void bad_spec(const std::string& spec, const Value& value, const std::string& why) {
  fail("format-spec",
       "`{:" + spec + "}` cannot format " + with_article(value) + (why.empty() ? "" : ": " + why), {},
       "for example {:.4f} for reals, {:5} for ints, {:>10} for anything");
}

template <class T>
std::string apply_spec(const std::string& spec, const T& data, const Value& value) {
  try {
    return fmt::format(fmt::runtime("{:" + spec + "}"), data);
  } catch (const fmt::format_error& error) {
    bad_spec(spec, value, error.what());
  }
}

/// Whether the spec asks for a real number: a precision, or one of the letters of reals.
bool wants_real(const std::string& spec) {
  return spec.find('.') != std::string::npos ||
         (!spec.empty() && std::string("aAeEfFgG").find(spec.back()) != std::string::npos);
}

/// "nan", "inf" and "missing" stand where the number would: of the spec only alignment and width apply.
std::string aligned(const std::string& spec, const std::string& text, const Value& value) {
  const auto is_alignment = [&](std::size_t i) {
    return i < spec.size() && std::string("<>^").find(spec[i]) != std::string::npos;
  };
  std::size_t at = is_alignment(1) ? 2 : is_alignment(0) ? 1 : 0;
  const std::string alignment = at == 0 ? ">" : spec.substr(0, at);
  while (at < spec.size() && std::string("+- #0").find(spec[at]) != std::string::npos) ++at;
  std::size_t end = at;
  while (end < spec.size() && std::isdigit(static_cast<unsigned char>(spec[end])) != 0) ++end;
  return apply_spec(alignment + spec.substr(at, end - at), text, value);
}

std::string format_value(const std::string& spec, const Value& value);

std::string format_elements(const std::string& spec, const Tensor& tensor) {
  return show_dimension(
      tensor.shape(), 0, 0,
      [&](std::int64_t i) {
        if (tensor.storage() == Storage::boolean) return format_value(spec, tensor.integer(i) != 0);
        if (tensor.storage() == Storage::integer || tensor.storage() == Storage::byte) {
          return format_value(spec, tensor.integer(i));
        }
        return format_value(spec, tensor.real(i));
      },
      false);
}

std::string format_value(const std::string& spec, const Value& value) {
  if (spec.empty()) return show(value);
  if (const auto* x = value.as<double>()) {
    if (!std::isfinite(*x)) return aligned(spec, show_real(*x), value);
    // Without a type or precision fmt would print all 17 digits; `{:8}` means 8 wide and otherwise as shown.
    const bool as_shown = !wants_real(spec) && std::isdigit(static_cast<unsigned char>(spec.back())) != 0;
    return apply_spec(as_shown ? spec + ".6g" : spec, *x, value);
  }
  if (value.is<Missing>()) return aligned(spec, show(value), value);
  if (const auto* i = value.as<std::int64_t>()) {
    return wants_real(spec) ? apply_spec(spec, static_cast<double>(*i), value) : apply_spec(spec, *i, value);
  }
  if (const auto* t = value.as<Tensor>()) return format_elements(spec, *t);
  return apply_spec(spec, show(value), value);
}

/// Reads a pattern from left to right and appends the text it stands for.
class Filler {
 public:
  Filler(const std::string& pattern, const std::vector<Value>& arguments)
      : pattern_(pattern), arguments_(arguments), used_(arguments.size()) {}

  std::string fill() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      const bool doubled = at_ + 1 < pattern_.size() && pattern_[at_ + 1] == c;
      if ((c == '{' || c == '}') && doubled) {
        text_ += c;
        at_ += 2;
      } else if (c == '{') {
        field();
      } else if (c == '}') {
        fail("format-spec", "a `}` in a format string has no `{` before it", {}, "write }} for a brace");
      } else {
        text_ += c;
        ++at_;
      }
    }
    check_all_used();
    return std::move(text_);
  }

 private:
  void field() {
    const std::size_t close = pattern_.find('}', at_);
    if (close == std::string::npos) {
      fail("format-spec", "a `{` in a format string is not closed", {}, "write {{ for a brace");
    }
    const std::string inside = pattern_.substr(at_ + 1, close - at_ - 1);
    const std::size_t colon = inside.find(':');
    const std::string spec = colon == std::string::npos ? "" : inside.substr(colon + 1);
    if (spec.find('{') != std::string::npos) {
      fail("format-spec", "a width or precision in a format string must be written out", {},
           "for example {:8.3f}");
    }
    const std::size_t index = field_index(inside.substr(0, colon));
    used_[index] = true;
    text_ += format_value(spec, arguments_[index]);
    at_ = close + 1;
  }

  std::size_t field_index(const std::string& name) {
    std::size_t index = next_;
    if (name.empty()) {
      ++next_;
    } else if (name.size() <= 6 && name.find_first_not_of("0123456789") == std::string::npos) {
      index = static_cast<std::size_t>(std::stoi(name));
    } else {
      fail("format-spec", "`{" + name + "}` does not name an argument", {},
           "write {} and give the value after the text");
    }
    if (index >= arguments_.size()) {
      fail("format-argument", "the format string has more `{}` than there are values (" +
                                  std::to_string(arguments_.size()) + ")");
    }
    return index;
  }

  void check_all_used() const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) continue;
      fail("format-argument", "value " + std::to_string(i + 1) + " has no `{}` in the format string", {},
           "write {} where it should appear");
    }
  }

  const std::string& pattern_;
  const std::vector<Value>& arguments_;
  std::vector<bool> used_;
  std::string text_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

std::string format_string(const std::string& pattern, const std::vector<Value>& arguments) {
  return Filler(pattern, arguments).fill();
}

}  // namespace elbo::runtime
