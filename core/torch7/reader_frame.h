#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/classes/declared_payload.h"
#include "core/event/element_type.h"
#include "core/text/path.h"

namespace sconce::core {

/// The key of the pair that is being read, as far as a path needs it. Kept apart from PathStep so that a long string's
/// room is used again for the next key.
class KeyLabel {
 public:
  void clear() { kind_ = Kind::none; }
  void set_number(double number) {
    kind_ = Kind::number;
    number_ = number;
  }
  void set_boolean(bool boolean) {
    kind_ = Kind::boolean;
    number_ = boolean ? 1 : 0;
  }
  void set_index(std::int32_t index) {
    kind_ = Kind::index;
    number_ = index;
  }
  void begin_string() {
    kind_ = Kind::string;
    text_.clear();
  }
  /// Keeps one byte more than a path writes, so that cutting shows.
  void append(std::string_view bytes) { text_.append(bytes.substr(0, kPathKeyBytesMax + 1 - text_.size())); }

  /// Nothing while no key is known.
  std::optional<PathStep> step() const;

 private:
  enum class Kind : std::uint8_t { none, number, boolean, index, string };
  Kind kind_ = Kind::none;
  double number_ = 0;
  std::string text_;
};

/// One container that is being read.
struct ReaderFrame {
  enum class Kind : std::uint8_t {
    table,
    function,    // its upvalues are being read
    undeclared,  // an instance whose payload is taken to be one object
    declared,    // an instance of a class with a layout
    tensor,      // its storage is being read
    storage,
  };
  Kind kind = Kind::table;
  std::uint64_t offset = 0;        // of the tag, in the input
  std::uint64_t objects_left = 0;  // of a table
  KeyLabel key;
  std::string class_name;   // undeclared
  bool is_plain = false;    // undeclared: known to be right
  bool is_suspect = false;  // undeclared: its payload is no table of fields

  DeclaredPayload payload;  // declared

  TensorClass tensor_class{};  // tensor
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  std::int64_t storage_offset = 0;

  bool at_key() const {
    return kind == Kind::table ? objects_left % 2 == 0 : kind == Kind::declared && payload.at_key();
  }
};

/// The containers that are open, outermost first. Frames are used again, so that what they hold is allocated once.
/// Threads: one at a time. Errors: none; the parser bounds the depth.
class ReaderStack {
 public:
  ReaderFrame& push(ReaderFrame::Kind kind, std::uint64_t offset);
  void pop();
  bool empty() const { return depth_ == 0; }
  std::size_t depth() const { return depth_; }
  ReaderFrame& top() { return frames_[depth_ - 1]; }
  bool is_in(ReaderFrame::Kind kind) const { return depth_ > 0 && frames_[depth_ - 1].kind == kind; }
  /// The container that holds the top one, or null.
  ReaderFrame* below_top() { return depth_ > 1 ? &frames_[depth_ - 2] : nullptr; }
  std::span<const ReaderFrame> open() const { return {frames_.data(), depth_}; }

  /// Where the part lies that is being read.
  std::string path() const;

 private:
  std::vector<ReaderFrame> frames_;
  std::size_t depth_ = 0;
};

}  // namespace sconce::core
