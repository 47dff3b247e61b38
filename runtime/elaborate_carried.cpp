// Values carried from one turn of a loop to the next (`acc = g(acc, x[t])`, `let s[t] = f(s[t - 1])`): they
// become one scan along the loop's axis. Everything else of the body stays computed for all turns together.
#include <algorithm>

#include "runtime/differentiate.hpp"
#include "runtime/elaboration.hpp"
#include "runtime/expression.hpp"
#include "runtime/program.hpp"
#include "runtime/scan.hpp"

namespace elbo::runtime {

struct Elaboration::Recurrence {
  DefinedArray* array = nullptr;
  std::size_t piece = 0;
  /// Reads of the piece's own entries, and how many turns back each lies (0: the same turn).
  std::vector<std::pair<std::size_t, std::int64_t>> reads;
  std::int64_t order() const {
    std::int64_t result = 0;
    for (const auto& read : reads) result = std::max(result, read.second);
    return result;
  }
};

namespace {

/// Entry numbers of positions as [turn][the rest], the loop's axis first.
struct Turns {
  std::vector<std::int64_t> numbers;
  std::int64_t turns = 0;
  std::int64_t rest = 0;
  std::int64_t at(std::int64_t turn, std::int64_t i) const {
    return numbers[static_cast<std::size_t>(turn * rest + i)];
  }
};

Turns by_turn(const Positions& at, std::vector<AxisId> plates, AxisId axis, const Shape& extents,
              const Graph& graph) {
  std::erase(plates, axis);
  plates.insert(plates.begin(), axis);
  const Tensor numbers = entry_numbers(at, plates, extents);
  Turns result;
  result.turns = graph.axis(axis).size;
  result.rest = numbers.size() / result.turns;
  for (std::int64_t i = 0; i < numbers.size(); ++i) result.numbers.push_back(numbers.integer(i));
  return result;
}

/// How many turns before it a read finds what a piece defines; -1 when the read never meets the piece, -2
/// when the distance varies or is negative.
std::int64_t distance(const Turns& defined, const Turns& read) {
  if (defined.rest != read.rest || defined.rest == 0) return -2;
  std::vector<std::int64_t> sorted = defined.numbers;
  std::sort(sorted.begin(), sorted.end());
  const auto meets = [&](std::int64_t n) { return std::binary_search(sorted.begin(), sorted.end(), n); };
  if (std::none_of(read.numbers.begin(), read.numbers.end(), meets)) return -1;
  const std::int64_t last = read.turns - 1;
  std::int64_t lag = 0;
  while (lag <= last && defined.at(last - lag, 0) != read.at(last, 0)) ++lag;
  if (lag > last) return -2;
  for (std::int64_t turn = 0; turn <= last; ++turn) {
    for (std::int64_t i = 0; i < read.rest; ++i) {
      const bool as_expected =
          turn >= lag ? read.at(turn, i) == defined.at(turn - lag, i) : !meets(read.at(turn, i));
      if (!as_expected) return -2;
    }
  }
  return lag;
}

}  // namespace

std::vector<Elaboration::Carried> Elaboration::begin_carried(
    Evaluation& evaluation, const std::vector<const lang::Identifier*>& assigned) {
  std::vector<Carried> result;
  for (const lang::Identifier* name : assigned) {
    Value* place = evaluation.scope()->find(name->name);
    if (place == nullptr) continue;
    if (std::any_of(result.begin(), result.end(), [&](const Carried& c) { return c.name == name->name; }))
      continue;
    if (!is_numeric(*place)) {
      fail("wrong-type",
           "a value carried through a loop of a model must be a number, but `" + name->name + "` is " +
               type_name(*place),
           name->span);
    }
    Carried carried{name->name, to_expr(read(*place), model_->graph), {}, *place};
    Type type = carried.initial.type();
    type.domain = Domain::real;
    carried.placeholder = model_->graph->input(name->name, type);
    *place = Symbol{model_->graph, carried.placeholder};
    open_.push_back(carried.placeholder);
    result.push_back(std::move(carried));
  }
  return result;
}

// Pieces of `let` arrays that this loop has defined, with the reads that meet them.
std::vector<Elaboration::Recurrence> Elaboration::recurrences(
    AxisId axis, const std::vector<std::size_t>& pieces_before) const {
  std::vector<Recurrence> result;
  for (std::size_t a = 0; a < arrays_.size(); ++a) {
    DefinedArray& array = *arrays_[a];
    if (array.kind() != DefinedArray::Kind::quantity || array.whole) continue;
    const Shape extents = [&] {
      Shape shape = extents_of(array);
      for (const auto& r : array.reads) {  // reads may lie beyond what is defined so far
        for (std::size_t d = 0; d < shape.size(); ++d) {
          const auto known = known_value(r.at[d]);
          for (std::int64_t i = 0; i < known->size(); ++i)
            shape[d] = std::max(shape[d], known->integer(i) + 1);
        }
      }
      return shape;
    }();
    for (std::size_t p = a < pieces_before.size() ? pieces_before[a] : 0; p < array.pieces.size(); ++p) {
      const auto& piece = array.pieces[p];
      const auto on_axis = [&](const std::vector<AxisId>& plates) {
        return std::find(plates.begin(), plates.end(), axis) != plates.end();
      };
      if (!on_axis(piece.plates)) continue;
      const Turns defined = by_turn(piece.at, piece.plates, axis, extents, *model_->graph);
      Recurrence recurrence{&array, p, {}};
      for (std::size_t r = 0; r < array.reads.size(); ++r) {
        const auto& read = array.reads[r];
        if (!on_axis(read.plates) || resolved_.contains(read.placeholder.id())) continue;
        const std::int64_t lag =
            distance(defined, by_turn(read.at, read.plates, axis, extents, *model_->graph));
        if (lag >= 0) recurrence.reads.emplace_back(r, lag);
      }
      if (recurrence.order() > 0 || !recurrence.reads.empty()) result.push_back(std::move(recurrence));
    }
  }
  return result;
}

void Elaboration::finish_carried(Evaluation& evaluation, AxisId axis, std::vector<Carried> carried,
                                 const std::vector<std::size_t>& pieces_before) {
  Graph& graph = *model_->graph;
  const auto place = [&](const Carried& c) { return evaluation.scope()->find(c.name); };
  std::erase_if(carried, [&](const Carried& c) {
    const auto* now = place(c)->as<Symbol>();
    const bool is_same = now != nullptr && now->expr == c.placeholder;
    if (is_same) {
      *place(c) = c.before;
      resolved_[c.placeholder.id()] = c.initial;
    }
    return is_same;
  });
  // Reads of what this very turn defines are that value; those of earlier turns are carried.
  std::unordered_map<NodeId, Expr> in_body;
  std::vector<Carry> carries;
  struct Use {
    Expr placeholder;
    std::size_t carry;
  };
  std::vector<Use> uses;
  std::vector<std::pair<DefinedArray::Piece*, std::size_t>> results;
  for (const Recurrence& r : recurrences(axis, pieces_before)) {
    DefinedArray& array = *r.array;
    auto& piece = array.pieces[r.piece];
    const std::int64_t order = r.order();
    const std::size_t first = carries.size();
    for (std::int64_t lag = 1; lag <= order; ++lag) {
      // what lies `lag` turns before the first: the entry that the longest read meets at turn order - lag
      const auto longest =
          std::find_if(r.reads.begin(), r.reads.end(), [&](const auto& x) { return x.second == order; });
      const auto& read = array.reads[longest->first];
      if (r.piece == 0) {
        fail("read-before-definition", "`" + array.name() + "` is read before any of it is defined",
             read.span, "define its first entry before the loop, as in `let " + array.name() + "[1] = 0`");
      }
      Shape extents = extents_of(array);
      std::unordered_map<std::int64_t, std::int64_t> listed_at;
      std::int64_t count = 0;
      for (std::size_t p = 0; p < r.piece; ++p) {
        const Tensor numbers = entry_numbers(array.pieces[p].at, array.pieces[p].plates, extents);
        for (std::int64_t i = 0; i < numbers.size(); ++i) listed_at.emplace(numbers.integer(i), count++);
      }
      std::vector<AxisId> others = read.plates;
      std::erase(others, axis);
      const Turns turns = by_turn(read.at, read.plates, axis, extents, graph);
      const std::int64_t turn = order - lag;
      std::vector<std::int64_t> from;
      for (std::int64_t i = 0; i < turns.rest; ++i) {
        const auto it = turn < turns.turns ? listed_at.find(turns.at(turn, i)) : listed_at.end();
        if (it == listed_at.end() && turn < turns.turns) {
          fail("read-before-definition", "`" + array.name() + "` is read before it is defined", read.span,
               "define the entries that the first turns of the loop read");
        }
        from.push_back(it == listed_at.end() ? 0 : it->second);
      }
      Shape sizes;
      for (const AxisId other : others) sizes.push_back(graph.axis(other).size);
      std::vector<AxisId> sorted = others;
      std::sort(sorted.begin(), sorted.end());
      Expr index = graph.constant(Tensor(sizes, std::move(from)));
      for (const AxisId other : others) index = to_axis(index, 0, other);
      const Expr initial = take(listed(array, r.piece), folded(index), 0);
      Type type = initial.type();
      type.domain = Domain::real;
      const Expr placeholder = graph.input(array.name(), type);
      carries.push_back({placeholder, initial, lag == 1 ? piece.value : carries.back().placeholder});
    }
    for (const auto& [read, lag] : r.reads) {
      const Expr stands = array.reads[read].placeholder;
      in_body[stands.id()] =
          lag == 0 ? piece.value : carries[first + static_cast<std::size_t>(lag - 1)].placeholder;
      if (lag == 0) {
        resolved_[stands.id()] = piece.value;
      } else {
        uses.push_back({stands, first + static_cast<std::size_t>(lag - 1)});
      }
    }
    if (order > 0) results.emplace_back(&piece, first);
  }
  const std::size_t named = carries.size();
  for (const Carried& c : carried) {
    if (!is_numeric(*place(c))) {
      fail("wrong-type", "a value carried through a loop of a model must be a number, but `" + c.name +
                             "` becomes " + type_name(*place(c)));
    }
    carries.push_back({c.placeholder, c.initial, to_expr(*place(c), model_->graph)});
  }
  if (carries.empty()) return;
  for (Carry& carry : carries) {
    for (std::size_t round = 0; round <= in_body.size(); ++round) {
      const Expr next = substitute(carry.next, in_body);
      if (next == carry.next) break;
      carry.next = next;
    }
  }
  const ScanResult result = scan(graph, axis, carries, {});
  for (const Use& use : uses) resolved_[use.placeholder.id()] = result.before[use.carry];
  for (const auto& [piece, carry] : results) piece->value = result.after[carry];
  for (std::size_t i = 0; i < carried.size(); ++i) {
    resolved_[carried[i].placeholder.id()] = result.before[named + i];
    *place(carried[i]) = Symbol{model_->graph, result.last[named + i]};
  }
}

}  // namespace elbo::runtime
