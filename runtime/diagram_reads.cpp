// From the names in a statement to nodes and data.
#include "runtime/diagram_reads.hpp"

#include <algorithm>

#include "runtime/scope.hpp"

namespace elbo::runtime {

namespace {

bool is_selector(const Value& value) { return value.is<bool>() || value.is<std::int64_t>(); }

const Value* field_at(const Value& value, const std::string& path) {
  const auto* record = value.as<std::shared_ptr<const Record>>();
  if (path.empty() || record == nullptr) return path.empty() ? &value : nullptr;
  const std::size_t dot = path.find('.');
  const Value* found = find_field(**record, path.substr(0, dot));
  return found == nullptr || dot == std::string::npos ? found : field_at(*found, path.substr(dot + 1));
}

/// The loops of `inner` begin with those of `outer`.
bool is_around(const std::vector<SourceLoop>& outer, const std::vector<SourceLoop>& inner) {
  return outer.size() <= inner.size() &&
         std::equal(outer.begin(), outer.end(), inner.begin(),
                    [](const SourceLoop& a, const SourceLoop& b) { return a.statement == b.statement; });
}

}  // namespace

Nest Place::nest() const {
  if (site != nullptr) return body->loops_around(*site);
  return body->outer == nullptr ? Nest{} : body->outer->loops_around(*body->embedded_at);
}

std::vector<Source> NameFollower::sources(const lang::Expression& expression, const Place& place,
                                          bool only_selects) {
  std::vector<Source> result;
  for (Read read : reads_of(expression)) {
    read.is_index = read.is_index || only_selects;
    follow(read, place, result);
  }
  return result;
}

void NameFollower::follow(const lang::Expression& expression, const Place& place, std::vector<Source>& to) {
  for (const Read& read : reads_of(expression)) follow(read, place, to);
}

void NameFollower::follow(const Read& read, const Place& place, std::vector<Source>& to) {
  if (follow_loop(read, place, to)) return;
  const std::string full =
      place.body->body->prefix + read.name + (read.field.empty() ? "" : "." + read.field);
  if (has_node_(full)) {
    to.push_back({full, {}, nullptr, read.index, place});
    return;
  }
  if (follow_embedded(read, place, to) || follow_definitions(read, place, to) ||
      follow_argument(read, place, to))
    return;
  const auto& scope = place.body->body->call.closure->scope;
  if (const Value* value = scope ? scope->find(read.name) : nullptr) add_data(read, place, *value, to);
}

// The variable of a loop over a range counts; that of a loop over a vector is an entry of it.
bool NameFollower::follow_loop(const Read& read, const Place& place, std::vector<Source>& to) {
  if (place.site == nullptr) return false;
  const auto& loops = place.site->loops;
  const auto it = std::find_if(loops.rbegin(), loops.rend(), [&](const SourceLoop& loop) {
    return loop.statement->variable.name == read.name;
  });
  if (it == loops.rend()) return false;
  const lang::Expression& range = *it->statement->range;
  const bool counts = std::holds_alternative<lang::RangeExpression>(range.node);
  const auto key = std::make_pair(place.body, read.name);
  if (counts || read.is_index || !open_.insert(key).second) return true;
  follow(range, place, to);
  open_.erase(key);
  return true;
}

// `z` of `z ~ other_model(…)` is what the other body returns.
bool NameFollower::follow_embedded(const Read& read, const Place& place, std::vector<Source>& to) {
  const std::string prefix = place.body->body->prefix + read.name + ".";
  const auto inner = std::find_if(bodies_.begin(), bodies_.end(),
                                  [&](const SourceBody& body) { return body.body->prefix == prefix; });
  if (inner == bodies_.end()) return false;
  const auto key = std::make_pair(&*inner, std::string());
  if (!open_.insert(key).second) return true;
  for (const lang::Expression* result : inner->results) follow(*result, {&*inner, nullptr}, to);
  open_.erase(key);
  return true;
}

// A name without a node: what its definitions read. Numbers that depend on data alone are data themselves.
bool NameFollower::follow_definitions(const Read& read, const Place& place, std::vector<Source>& to) {
  std::vector<const Site*> all, visible;
  for (const Site& site : place.body->sites) {
    if (site.is_sample || site.is_param || site.is_factor || site.target->name.name != read.name) continue;
    all.push_back(&site);
    if (place.site == nullptr || is_around(site.loops, place.site->loops)) visible.push_back(&site);
  }
  if (all.empty()) return false;
  const auto key = std::make_pair(place.body, read.name);
  if (!open_.insert(key).second) return true;
  std::vector<Source> found;
  bool is_function = false;
  for (const Site* site : visible.empty() ? all : visible) {
    for (const lang::Expression* use : site->uses) {
      follow(*use, {place.body, site}, found);
      is_function = is_function || std::holds_alternative<lang::LambdaExpression>(use->node);
    }
  }
  open_.erase(key);
  const bool only_data = !found.empty() && std::all_of(found.begin(), found.end(),
                                                       [](const Source& s) { return s.variable.empty(); });
  if (only_data && !is_function) {
    const Place own{place.body, read.index != nullptr ? place.site : all.front()};
    to.push_back({{}, place.body->body->prefix + read.name, nullptr, read.index, own});
  } else {
    to.insert(to.end(), found.begin(), found.end());
  }
  return true;
}

bool NameFollower::follow_argument(const Read& read, const Place& place, std::vector<Source>& to) {
  const ModelCall& call = place.body->body->call;
  const auto& parameters = call.closure->callable->parameters;
  const auto it = std::find_if(parameters.begin(), parameters.end(),
                               [&](const auto& p) { return p.name.name == read.name; });
  if (it == parameters.end()) return false;
  const auto number = static_cast<std::size_t>(it - parameters.begin());
  if (place.body->outer == nullptr) {
    add_data(read, place, call.arguments[number], to);
    return true;
  }
  const Place outside{place.body->outer, place.body->embedded_at};
  const lang::Expression& embedded = *place.body->embedded_at->sample->distribution;
  const auto* written = std::get_if<lang::CallExpression>(&embedded.node);
  if (written == nullptr) {
    follow(embedded, outside, to);
    return true;
  }
  for (std::size_t i = 0; i < written->arguments.size(); ++i) {
    const auto& name = written->arguments[i].name;
    if (name ? name->name == read.name : i == number) follow(*written->arguments[i].value, outside, to);
  }
  return true;
}

void NameFollower::add_data(const Read& read, const Place& place, const Value& given,
                            std::vector<Source>& to) const {
  const Value* value = field_at(given, read.field);
  if (value == nullptr || !(is_numeric(*value) || value->is<std::shared_ptr<const List>>() ||
                            value->is<std::shared_ptr<const Record>>()))
    return;
  if (read.is_index && is_selector(*value)) return;  // it says which, not what
  to.push_back({{},
                place.body->body->prefix + read.name + (read.field.empty() ? "" : "." + read.field),
                value,
                read.index,
                place});
}

}  // namespace elbo::runtime
