// Loops as plates of a drawing.
#include "runtime/diagram_plates.hpp"

#include <algorithm>

#include "lang/print.hpp"

namespace elbo::runtime {

namespace {

bool is_number(const lang::Expression& e) { return std::holds_alternative<lang::IntegerLiteral>(e.node); }

/// What the end of a range counts from: `T` of `2:T` and of `1:(T - 1)`; empty for what is not a range that
/// starts at a number.
std::string base_of(const lang::Expression& range) {
  const auto* r = std::get_if<lang::RangeExpression>(&range.node);
  if (r == nullptr || !r->first || !r->last || !is_number(*r->first)) return {};
  const auto* sum = std::get_if<lang::BinaryExpression>(&r->last->node);
  const bool is_shifted =
      sum != nullptr && (sum->operation == "-" || sum->operation == "+") && is_number(*sum->right);
  return lang::show(is_shifted ? *sum->left : *r->last);
}

/// "j = 1, …, 85"
std::string counted(const std::string& index, std::int64_t first, std::int64_t last) {
  std::string text = index + " = " + std::to_string(first);
  if (last > first + 1) text += ", …";
  return last > first ? text + ", " + std::to_string(last) : text;
}

}  // namespace

PlateTable::Plate PlateTable::describe(const std::pair<const SourceBody*, SourceLoop>& loop,
                                       std::optional<std::size_t> parent) const {
  const auto& [body, source] = loop;
  const lang::Expression& range = *source.statement->range;
  Plate plate{parent, body->body->prefix, source.statement->variable.name, lang::show(range), base_of(range),
              {},     std::nullopt};
  for (const ModelLoop& known : model_.loops) {
    if (known.prefix == plate.prefix && known.span.source == source.span.source &&
        known.span.begin == source.span.begin)
      plate.loop = known;
  }
  return plate;
}

std::optional<std::size_t> PlateTable::find(const Plate& wanted) const {
  for (std::size_t i = 0; i < plates_.size(); ++i) {
    const Plate& plate = plates_[i];
    if (plate.parent != wanted.parent || plate.prefix != wanted.prefix || plate.index != wanted.index)
      continue;
    const bool shifted = plate.loop.counts && wanted.loop.counts && !plate.base.empty();
    if (plate.range == wanted.range || (shifted && plate.base == wanted.base)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> PlateTable::find(const Nest& nest) const {
  std::optional<std::size_t> inner;
  for (const auto& loop : nest) {
    inner = find(describe(loop, inner));
    if (!inner) return inner;
  }
  return inner;
}

std::optional<std::size_t> PlateTable::add(const Nest& nest) {
  std::optional<std::size_t> inner;
  for (const auto& loop : nest) {
    const Plate wanted = describe(loop, inner);
    inner = find(wanted);
    if (!inner) {
      plates_.push_back(wanted);
      inner = plates_.size() - 1;
      continue;
    }
    ModelLoop& all = plates_[*inner].loop;  // of the ranges of both
    if (!all.counts) continue;
    const std::int64_t last = std::max(all.first + all.turns, wanted.loop.first + wanted.loop.turns);
    all.first = std::min(all.first, wanted.loop.first);
    all.turns = last - all.first;
  }
  return inner;
}

std::optional<std::size_t> PlateTable::add_axes(const std::vector<AxisId>& axes) {
  std::optional<std::size_t> inner;
  for (const AxisId axis : axes) {
    const auto same = std::find_if(plates_.begin(), plates_.end(), [&](const Plate& plate) {
      return plate.axis == axis && plate.parent == inner;
    });
    if (same == plates_.end()) {
      const Axis& known = model_.graph->axis(axis);
      const ModelLoop loop{
          .prefix = {}, .span = {}, .turns = known.size, .first = 1, .counts = true, .ragged = false};
      plates_.push_back({inner, {}, known.name, {}, {}, loop, axis});
      inner = plates_.size() - 1;
    } else {
      inner = static_cast<std::size_t>(same - plates_.begin());
    }
  }
  return inner;
}

std::string PlateTable::part(const Nest& nest) const {
  const auto plate = find(nest);
  if (!plate) return {};
  Nest around(nest.begin(), nest.end() - 1);
  const ModelLoop own = describe(nest.back(), find(around)).loop;
  const ModelLoop& all = plates_[*plate].loop;
  if (!own.counts || (own.first == all.first && own.turns == all.turns)) return {};
  return counted(plates_[*plate].index, own.first, own.first + own.turns - 1);
}

bool PlateTable::is_ragged(const Nest& nest) const {
  return std::any_of(nest.begin(), nest.end(),
                     [&](const auto& loop) { return describe(loop, {}).loop.ragged; });
}

std::vector<DiagramPlate> PlateTable::drawn() const {
  std::vector<DiagramPlate> result;
  for (const Plate& plate : plates_) {
    std::string label;
    if (plate.loop.counts) {
      label = counted(plate.index, plate.loop.first, plate.loop.first + plate.loop.turns - 1);
    } else {
      label = plate.index + " in " + plate.range + " (" + std::to_string(plate.loop.turns) +
              (plate.loop.ragged ? " in all)" : ")");
    }
    result.push_back({std::move(label), plate.parent});
  }
  return result;
}

}  // namespace elbo::runtime
