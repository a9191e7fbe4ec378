#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/byte_sink.h"
#include "core/event/event.h"
#include "core/text/path.h"

namespace sconce::cli {

/// The lines of a tree, and how parts are written in them. Memory does not grow with the tree. Lifetime: `out` is
/// borrowed. Threads: one at a time. Errors: those of `out`.
class TreeLines {
 public:
  explicit TreeLines(core::ByteSink& out) : out_(out) {}

  /// Ends the line that is open, and begins one.
  void begin(std::size_t depth);
  /// To the line that is open.
  TreeLines& operator+=(std::string_view text) {
    text_ += text;
    return *this;
  }

  /// Passes on what is held, if that is much.
  core::Status pass_on();
  /// Ends the last line and passes on what is held.
  core::Status finish();

 private:
  core::ByteSink& out_;
  std::string text_;
  bool line_is_open_ = false;
};

/// A key as in a path (core/text/path.h), printable.
std::string label_of(const core::PathStep& key);

/// `table #1`.
std::string name_and_index(std::string_view name, std::int32_t index);
/// `same as #2`.
std::string reference_text(std::int32_t index);
/// `table #1, 2 pairs`.
std::string table_text(std::int32_t index, std::int64_t count);
/// `function #1, 89 bytes of code`.
std::string function_text(const core::event::Function& function);
/// `2x3 of f32, strides 3 1, offset 1`.
std::string tensor_text(const core::event::Tensor& tensor);
/// `6 of f32, 24 bytes`.
std::string storage_text(const core::event::Storage& storage);

}  // namespace sconce::cli
