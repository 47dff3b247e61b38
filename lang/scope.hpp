// The names that the checker sees at a place: scopes nested in frames (a frame is one function, model or the
// script itself). Private to the checker.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lang/syntax.hpp"

namespace elbo::lang {

enum class BindingKind {
  let,
  parameter,
  shape,  // `N` of `real[N]`
  loop,   // variable of a `for` or a comprehension
  latent,
  observed,
  param,
  function,
  model,
  guide,
  net,
  dist,
  import,
  earlier,  // known from an earlier input of the prompt, or from the command line
};

struct Binding {
  BindingKind kind;
  Span span;
  bool indexed = false;
  std::size_t block = 0;                               // identity of the scope that its statement stands in
  const std::vector<Parameter>* parameters = nullptr;  // of what can be called, where known
};

enum class FrameKind { script, function, lambda, net, model, guide, member };

struct Scope {
  std::size_t id = 0;
  std::size_t frame = 0;
  bool loop = false;  // the body of a `for`
  std::map<std::string, Binding> names;
  std::map<std::string, Span> later;    // defined further down in this block
  std::map<std::string, Span> carried;  // defined with an index further down in this loop
};

struct Frame {
  FrameKind kind;
  std::size_t root;  // index of the scope that its variables belong to
};

/// What a name stands for, and whether it comes from outside of the current frame.
struct Found {
  const Binding* binding = nullptr;
  bool outside = false;
};

class Scopes {
 public:
  void open_frame(FrameKind kind);
  void close_frame();
  void open(bool loop = false);
  void close();

  Scope& top() { return scopes_.back(); }
  const Frame& frame() const { return frames_.back(); }
  /// The scope of the variables of the current model or guide.
  Scope& root() { return scopes_[frames_.back().root]; }
  bool at_top_level() const { return frames_.size() == 1 && scopes_.size() == frames_.front().root + 1; }
  bool in_loop() const;
  /// The variable of the innermost loop of this frame; empty outside of loops.
  std::string loop_variable() const;

  Found find(const std::string& name) const;
  /// Whether the name is defined further down, where a body that runs later may use it.
  bool is_visible_later(const std::string& name) const;
  /// Where the name is defined further down; points nowhere when it is not.
  Span defined_later(const std::string& name) const;
  /// Whether a statement of that scope has run before any of the current one.
  bool encloses(std::size_t block) const;
  std::vector<std::string> all_names() const;

 private:
  std::vector<Scope> scopes_;
  std::vector<Frame> frames_;
  std::size_t next_id_ = 1;
};

}  // namespace elbo::lang
