#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/printing/tree_lines.h"
#include "core/bytes/byte_sink.h"
#include "core/classes/class_layout.h"
#include "core/event/event.h"
#include "core/text/path.h"

namespace sconce::cli {

/// Prints an object as a tree while it is read: kinds, classes, types, shapes, sizes and the indices of what can be
/// shared, but no elements. Memory grows with the depth only.
///
///   table #1, 3 pairs
///     name: "hello"
///     [1]: torch.FloatTensor #2: 2x3 of f32, strides 3 1, offset 1
///       storage: torch.FloatStorage #3: 6 of f32, 24 bytes
///     again: same as #2
///
/// Keys stand as in a path (core/text/path.h). What a class without a layout of its own holds stands on the line of the
/// class. Lifetime: `out` and `classes` are borrowed. Threads: one at a time. Errors: those of `out`.
class TreePrinter final : public core::EventSink {
 public:
  TreePrinter(core::ByteSink& out, const core::ClassLayouts& classes) : lines_(out), classes_(classes) {}

  core::Status on(const core::Event& event) override;

  /// Ends the last line and passes on what is still held. Call it also after an error, to show how far it went.
  core::Status finish() { return lines_.finish(); }

 private:
  /// What is open, from the root inwards.
  struct Frame {
    enum class Kind : std::uint8_t {
      table,
      function,
      class_of_one,  ///< A class whose payload is one object.
      declared,      ///< A class with a layout.
      tensor,
    };
    Kind kind;
    std::size_t depth;       ///< Of the line on which it stands.
    bool in_pairs = false;   ///< Keys and values take turns.
    bool at_key = in_pairs;  ///< The next object is a key.
    std::string label = {};  ///< Of the next object, if that is a value.
  };

  void take(const core::event::Nil&) { print_leaf("nil"); }
  void take(const core::event::Number& number);
  void take(const core::event::Boolean& boolean);
  void take(const core::event::String& string);
  void take(const core::event::Bytes& bytes);
  void take(const core::event::Table& table);
  void take(const core::event::Reference& reference);
  void take(const core::event::Function& function);
  void take(const core::event::Instance& instance);
  void take(const core::event::Tensor& tensor);
  void take(const core::event::Storage& storage);
  void take(const core::event::Scalars& scalars);
  void take(const core::event::Elements&) {}
  void take(const core::event::End&) { frames_.pop_back(); }

  bool at_key() const { return !frames_.empty() && frames_.back().at_key; }
  void take_key(const core::PathStep& key);
  void string_arrived();
  std::size_t begin_object(std::int32_t index);
  std::size_t begin_value();
  void print_leaf(std::string_view text);

  TreeLines lines_;
  const core::ClassLayouts& classes_;
  std::vector<Frame> frames_;
  std::string string_;  ///< The begin of the string that is being read.
  std::uint64_t string_size_bytes_ = 0;
  std::uint64_t string_left_bytes_ = 0;
};

}  // namespace sconce::cli
