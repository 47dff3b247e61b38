// From a graph to a program: simplify, schedule into loops, give every value a place (a register of a loop,
// memory of its own, or a view of another's), and write the loops down as kernel calls (finished in
// plan_loop.cpp).
#include "runtime/plan.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "lang/diagnostic.hpp"
#include "runtime/fuse_products.hpp"
#include "runtime/layout.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plan_constants.hpp"
#include "runtime/plan_scan.hpp"
#include "runtime/plan_text.hpp"
#include "runtime/plan_tiles.hpp"
#include "runtime/schedule.hpp"
#include "runtime/simplify.hpp"

namespace elbo::runtime {

namespace {

// Elements of a result from which on it pays to wake another thread.
constexpr std::int64_t least_in_pieces = 4096;

class Planner {
 public:
  Planner(std::span<const Expr> outputs, std::span<const Expr> inputs, const PlanOptions& options)
      : graph_(outputs[0].graph()), options_(options), program_(std::make_shared<Program>()) {
    roots_.assign(outputs.begin(), outputs.end());
    if (options.simplify) roots_ = simplify(roots_);
    inputs_.assign(inputs.begin(), inputs.end());
    program_->precision = options.precision;
  }

  Planner(std::span<const Expr> outputs, const BodyPlaces& places, const PlanOptions& options)
      : Planner(outputs, std::span<const Expr>(), options) {
    places_ = &places;
    for (const auto& [id, place] : places.inputs) placements_[id] = place;
  }

  std::shared_ptr<const Program> run() {
    order_ = topological_order(graph_, roots_);
    is_alias_.assign(graph_.size(), false);
    for (const NodeId id : order_) is_alias_[id] = is_alias(id);
    groups_ = schedule(graph_, order_, is_alias_);
    if (options_.fuse_from >= 0 && !places_) {
      std::vector<NodeId> results;
      for (const Expr& root : roots_) results.push_back(root.id());
      fuse_products(graph_, is_alias_, results, options_.fuse_from, groups_);
    }
    find_uses();
    place_sources();
    find_recurrences();
    place_results();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      place_group(g);
      lower(groups_[g]);
      release(g);
    }
    if (!places_) {
      for (const Expr& root : roots_) program_->outputs.push_back(port(root));
    }
    copy_results();
    program_->arena_bytes = memory_.size();
    program_->text = schedule_text(graph_, groups_, *program_, needs_memory_, placements_);
    return program_;
  }

 private:
  // ---- views
  // --------------------------------------------------------------------------------------------------------

  bool is_alias(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.operation->is_view) return true;
    if (node.operation != &reshape_operation) return false;
    // What is made by an operation is dense, and so are the results of a recurrence; a reshape of them is the
    // same memory. Other views may have gaps, and so may what a body finds around it.
    const NodeId input = node.inputs[0];
    if (long_dimensions(graph_.node(input).type.event) <= 1) return true;  // whatever its stride
    const Operation* made_by = graph_.node(input).operation;
    if (places_ && made_by == &input_operation) {
      return is_even(graph_.node(input).type.event, placements_.at(input).event_strides);
    }
    if (!is_alias_[input] || made_by == &reshape_operation || made_by == &scan_output_operation) return true;
    const std::optional<Placement> seen = dense_view(input);
    return seen && is_even(graph_.node(input).type.event, seen->event_strides);
  }

  // Strides of a view of what an operation makes, before that has a place; nothing for other views.
  std::optional<Placement> dense_view(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.operation == &scan_output_operation) return std::nullopt;
    if (!is_alias_[id]) {
      if (places_ && node.operation == &input_operation) return std::nullopt;
      return dense_placement(graph_, node.type);
    }
    const std::optional<Placement> input = dense_view(node.inputs[0]);
    if (!input) return std::nullopt;
    return view_placement(graph_, node, *input);
  }

  const Placement& placement(NodeId id) {
    if (const auto it = placements_.find(id); it != placements_.end()) return it->second;
    if (!is_alias_[id]) throw lang::InternalError("a value has no memory when it is used");
    const Node& node = graph_.node(id);
    const Placement& base = placement(node.inputs[0]);
    if (node.operation == &scan_output_operation) {
      const ScanLayout& layout = layouts_.at(node.inputs[0]);
      return placements_[id] = result_placement(graph_, node, layout, base, options_.precision);
    }
    return placements_[id] = view_placement(graph_, node, base);
  }

  // ---- lifetimes
  // ----------------------------------------------------------------------------------------------------

  // A value needs memory when something outside its own loop reads it; it lives until the last group that
  // does.
  void find_uses() {
    last_use_.assign(graph_.size(), -1);
    needs_memory_.assign(graph_.size(), false);
    group_of_.assign(graph_.size(), -1);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const NodeId id : groups_[g].nodes) group_of_[id] = static_cast<int>(g);
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const NodeId id : groups_[g].nodes) {
        if (!groups_[g].is_loop || is_added_up(graph_, groups_[g], id)) needs_memory_[id] = true;
        for (const NodeId input : graph_.node(id).inputs) {
          const NodeId base = base_of(graph_, input, is_alias_);
          last_use_[base] = static_cast<int>(g);
          if (group_of_[base] != static_cast<int>(g)) needs_memory_[base] = true;
        }
      }
    }
    for (const Expr& root : roots_) {
      const NodeId base = base_of(graph_, root.id(), is_alias_);
      needs_memory_[base] = true;
      last_use_[base] = static_cast<int>(groups_.size());
    }
  }

  void release(std::size_t group) {
    if (!options_.reuse_buffers) return;
    for (const NodeId id : order_) {
      if (last_use_[id] == static_cast<int>(group) && group_of_[id] >= 0 && needs_memory_[id]) {
        const Location& location = placements_.at(id).location;
        if (location.external < 0) memory_.release(location.offset);
      }
    }
  }

  // ---- memory
  // -------------------------------------------------------------------------------------------------------

  std::int64_t bytes(const Type& type) const {
    return graph_.element_count(type) * element_bytes(options_.precision);
  }

  void place_sources() {
    program_->bound_inputs = options_.bound_inputs && !places_;
    for (const Expr& input : inputs_) {
      if (placements_.count(input.id())) throw lang::InternalError("an input is listed twice");
      Placement p = dense_placement(graph_, input.type());
      if (options_.bound_inputs) {
        p.location.external = static_cast<int>(program_->inputs.size());
      } else {
        p.location.offset = memory_.acquire(bytes(input.type()));
      }
      placements_[input.id()] = p;
      program_->inputs.push_back(port(input));
    }
    std::size_t constants = 0;
    for (const NodeId id : order_) {
      const Node& node = graph_.node(id);
      if (node.operation == &constant_operation) constants += static_cast<std::size_t>(bytes(node.type)) + 64;
    }
    program_->constants.reserve(constants);
    for (const NodeId id : order_) {
      const Node& node = graph_.node(id);
      if (node.operation == &constant_operation) {
        Placement p = dense_placement(graph_, node.type);
        const Tensor& tensor = *node.attributes.tensor;
        p.location = is_read_as_bytes(graph_, order_, roots_, id) ? kept_as_bytes(*program_, tensor)
                                                                  : stored_as_numbers(*program_, tensor);
        placements_[id] = p;
      }
      if (node.operation == &input_operation && !placements_.count(id)) {
        throw lang::InternalError("the input \"" + node.attributes.text + "\" of a program has no value");
      }
    }
  }

  void find_recurrences() {
    std::unordered_map<NodeId, std::vector<NodeId>> results;
    for (const NodeId id : order_) {
      const Node& node = graph_.node(id);
      if (node.operation == &scan_operation) results[id];
      if (node.operation == &scan_output_operation) results[node.inputs[0]].push_back(id);
    }
    for (const auto& [id, nodes] : results) {
      layouts_[id] = scan_layout(graph_, graph_.node(id), nodes, options_.precision);
    }
  }

  // ---- results of a body
  // ----------------------------------------------------------------------------------------------------

  // A result is computed where it is wanted, unless it is a view or wanted twice: then it is copied at the
  // end.
  void place_results() {
    if (!places_) return;
    for (std::size_t r = 0; r < roots_.size(); ++r) {
      const NodeId id = roots_[r].id();
      const bool is_made = group_of_[id] >= 0 && graph_.node(id).operation != &scan_operation;
      if (is_made && fixed_.emplace(id, r).second) continue;
      copied_.push_back(r);
    }
  }

  void copy_results() {
    for (const std::size_t r : copied_) {
      const Type& type = roots_[r].type();
      program_->copies.push_back(
          dense_copy(graph_, type, placement(roots_[r].id()), type, places_->outputs[r]));
    }
  }

  void place_group(std::size_t g) {
    for (const NodeId id : groups_[g].nodes) {
      if (!needs_memory_[id]) continue;
      Placement p = placement_in(groups_[g], id);
      if (const auto it = fixed_.find(id); it != fixed_.end()) {
        p.location = places_->outputs[it->second];
        placements_[id] = p;
        continue;
      }
      const auto layout = layouts_.find(id);
      p.location.offset =
          memory_.acquire(layout == layouts_.end() ? bytes(graph_.node(id).type) : layout->second.bytes);
      placements_[id] = p;
    }
  }

  // Dense; in a tiled loop in the order of the loop.
  Placement placement_in(const Group& group, NodeId id) const {
    const Type& type = graph_.node(id).type;
    if (group.products.empty() || is_added_up(graph_, group, id)) return dense_placement(graph_, type);
    return placement_along(graph_, type, group.along, dimension_sizes(graph_, type)[group.along]);
  }

  Port port(Expr value) {
    Port result;
    result.placement = placement(value.id());
    for (const AxisId a : value.type().axes) result.dims.push_back(graph_.axis(a).size);
    result.dims.insert(result.dims.end(), value.type().event.begin(), value.type().event.end());
    result.elements = graph_.element_count(value.type());
    const Placement dense = dense_placement(graph_, value.type());
    result.is_dense = dense.axis_strides == result.placement.axis_strides &&
                      dense.event_strides == result.placement.event_strides;
    return result;
  }

  // ---- lowering
  // -----------------------------------------------------------------------------------------------------

  void lower(const Group& group) {
    Step step;
    if (group.is_loop) {
      step.loop = lower_loop(group);
      program_->instructions += step.loop->steps.size() + step.loop->sums.size() + group.products.size();
    } else if (layouts_.count(group.nodes[0])) {
      step.recurrence = lower_recurrence(group.nodes[0]);
      program_->instructions += step.recurrence->body->instructions;
      program_->is_random = program_->is_random || step.recurrence->body->is_random;
    } else {
      step.whole = lower_whole(group.nodes[0]);
      ++program_->instructions;
    }
    program_->steps.push_back(std::move(step));
  }

  std::unique_ptr<Recurrence> lower_recurrence(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<Placement> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(placement(input));
    const Location memory = placement(id).location;
    return plan_recurrence(graph_, node, layouts_.at(id), memory, inputs, options_);
  }

  std::unique_ptr<Whole> lower_whole(NodeId id) {
    auto whole = std::make_unique<Whole>();
    const Node& node = graph_.node(id);
    whole->operation = node.operation;
    whole->attributes = node.attributes;
    whole->target = placement(id).location;
    whole->output = whole_view(graph_, node.type, placement(id), node.type.axes);
    whole->in_pieces = node.operation->in_pieces && graph_.element_count(node.type) >= least_in_pieces;
    for (const NodeId input : node.inputs) {
      // the result's axes, then those that only the inputs have and the operation sums away
      std::vector<AxisId> axes = node.type.axes;
      for (const NodeId other : node.inputs) {
        for (const AxisId a : graph_.node(other).type.axes) {
          if (std::find(axes.begin(), axes.end(), a) == axes.end()) axes.push_back(a);
        }
      }
      std::sort(axes.begin() + static_cast<std::ptrdiff_t>(node.type.axes.size()), axes.end());
      whole->inputs.push_back(whole_view(graph_, graph_.node(input).type, placement(input), axes));
      whole->locations.push_back(placement(input).location);
      whole->inputs.back().is_bytes = placement(input).location.stored >= 0;
    }
    return whole;
  }

  std::unique_ptr<Loop> lower_loop(const Group& group) {
    auto loop = std::make_unique<Loop>();
    for (const AxisId a : group.space.axes) loop->dims.push_back(graph_.axis(a).size);
    loop->dims.insert(loop->dims.end(), group.space.event.begin(), group.space.event.end());
    LaneMap lanes;
    if (!group.products.empty()) place_tile(*loop, group);
    for (const NodeId id : group.nodes) {
      const Node& node = graph_.node(id);
      if (node.operation == &matmul_operation) continue;
      if (node.operation == &sum_operation) {
        loop->sums.push_back(sum_step(*loop, lanes, group.space, id));
      } else {
        loop->steps.push_back(block_step(*loop, lanes, group.space, id));
      }
    }
    if (loop->tiles) add_products(*loop, group);
    finish_loop(*loop, options_.precision);
    return loop;
  }

  // Values of one block: results of products, and factors of transposed ones that are not in memory anyway.
  void place_tile(Loop& loop, const Group& group) {
    loop.block = tile_block(graph_, group, options_.precision);
    loop.tiles.emplace();
    for (const FusedProduct& p : group.products) {
      const Node& node = graph_.node(p.node);
      const NodeId id = p.is_transposed ? base_of(graph_, node.inputs[1 - p.rows], is_alias_) : p.node;
      if (placements_.count(id)) continue;
      const Type& type = graph_.node(id).type;
      Placement place = placement_along(graph_, type, p.is_transposed ? group.along : p.dimension, loop.block);
      place.location = {.offset = loop.tiles->bytes, .in_tile = true};
      const std::int64_t rows = loop.dims[group.along];
      loop.tiles->bytes += (bytes(type) / rows * loop.block + 63) / 64 * 64;
      placements_[id] = place;
    }
  }

  void add_products(Loop& loop, const Group& group) {
    for (const FusedProduct& p : group.products) {
      loop.tiles->products.push_back(
          tile_product(graph_, p, loop.dims[group.along], loop.block,
                       [&](NodeId id) -> const Placement& { return placement(id); }));
    }
    move_last(loop, group.along);
  }

  // Lanes by node: a view for what lies in memory, a virtual register (numbered anew later) for the rest.
  using LaneMap = std::unordered_map<NodeId, Lane>;

  Lane view_lane(Loop& loop, LaneMap& lanes, const Type& space, NodeId id) {
    if (const auto it = lanes.find(id); it != lanes.end()) return it->second;
    const Placement& p = placement(id);
    loop.views.push_back({p.location, loop_strides(graph_, graph_.node(id).type, p, space), false, false});
    return lanes[id] = {false, static_cast<int>(loop.views.size()) - 1};
  }

  Lane input_lane(Loop& loop, LaneMap& lanes, const Type& space, NodeId id) {
    const auto it = lanes.find(id);
    return it != lanes.end() ? it->second : view_lane(loop, lanes, space, id);
  }

  BlockStep block_step(Loop& loop, LaneMap& lanes, const Type& space, NodeId id) {
    const Node& node = graph_.node(id);
    const KernelTable& table = kernels(options_.precision);
    BlockStep step;
    step.operation = node.operation;
    if (node.operation->random) {
      step.random = table.*(node.operation->random);
      step.stream = static_cast<std::uint32_t>(node.attributes.integers[0]);
      if (const std::string& own = node.attributes.text; !own.empty()) step.seed = std::stoull(own);
      program_->is_random = program_->is_random || !step.seed;
    } else {
      step.elementwise = table.*(node.operation->elementwise);
    }
    for (const NodeId input : node.inputs) step.in[step.inputs++] = input_lane(loop, lanes, space, input);
    if (placements_.count(id)) {
      step.out = view_lane(loop, lanes, space, id);
    } else {
      step.out = lanes[id] = {true, loop.registers++};
    }
    return step;
  }

  SumStep sum_step(Loop& loop, LaneMap& lanes, const Type& space, NodeId id) {
    const Node& node = graph_.node(id);
    SumStep step;
    step.in = input_lane(loop, lanes, space, node.inputs[0]);
    step.target = placement(id).location;
    step.strides = sum_strides(graph_, space, node, placement(id));
    step.elements = graph_.element_count(node.type);
    return step;
  }

  Graph& graph_;
  const PlanOptions& options_;
  std::shared_ptr<Program> program_;
  std::vector<Expr> roots_, inputs_;
  std::vector<NodeId> order_;
  std::vector<bool> is_alias_;
  std::vector<Group> groups_;
  std::vector<int> last_use_, group_of_;
  std::vector<bool> needs_memory_;
  std::unordered_map<NodeId, Placement> placements_;
  std::unordered_map<NodeId, ScanLayout> layouts_;
  Memory memory_;

  // of the body of a recurrence
  const BodyPlaces* places_ = nullptr;
  std::unordered_map<NodeId, std::size_t> fixed_;  // results computed in place, by node
  std::vector<std::size_t> copied_;
};

}  // namespace

std::shared_ptr<const Program> plan(std::span<const Expr> outputs, std::span<const Expr> inputs,
                                    const PlanOptions& options) {
  if (outputs.empty()) throw lang::InternalError("a program without outputs");
  return Planner(outputs, inputs, options).run();
}

std::shared_ptr<const Program> plan_body(std::span<const Expr> outputs, const BodyPlaces& places,
                                         const PlanOptions& options) {
  return Planner(outputs, places, options).run();
}

std::string show(const Program& program) { return program.text; }
std::size_t instruction_count(const Program& program) { return program.instructions; }
std::size_t arena_bytes(const Program& program) { return static_cast<std::size_t>(program.arena_bytes); }

}  // namespace elbo::runtime
