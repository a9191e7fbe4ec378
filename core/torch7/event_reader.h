#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/bytes/byte_source.h"
#include "core/classes/class_layout.h"
#include "core/classes/undeclared_classes.h"
#include "core/error.h"
#include "core/event/event.h"
#include "core/limits.h"
#include "core/torch7/format.h"

namespace sconce::core {

class ObjectParser;

/// What to do with bytes after the object.
enum class TrailingBytes : std::uint8_t {
  ignore,  ///< Leave them unread, as Torch does.
  refuse,  ///< `trailing_bytes`, at the byte where the object ended. In ascii, white space may follow.
};

struct ReadOptions {
  ByteOrder byte_order = ByteOrder::little;
  /// How the input was written. False: an index never refers back, and a whole object always follows it.
  bool referenced = true;
  TrailingBytes trailing = TrailingBytes::ignore;
  /// The size of the whole input where it is known. A count that what is left of it cannot hold is then refused at
  /// once, before anything is kept for it.
  std::optional<std::uint64_t> input_bytes = std::nullopt;
  ReadLimits limits = {};
  /// For a part of a larger input whose indices are 1, 2, 3, … in order: 1 to this one were defined before it. They are
  /// references, and a tensor's storage among them is not looked at.
  std::int32_t indices_before = 0;
  /// `put` returns behind each Reference (and the Ends that follow it), so that the caller can look at what it refers
  /// to.
  bool pause_at_references = false;
  /// `put` returns before the elements of a storage; then `pass_over_elements` goes on after them. Only for binary.
  bool pause_at_elements = false;
  /// A container as a key right behind an undeclared class that wrote no table of fields is refused: a class that wrote
  /// more or less than the one object it is read as shifts what follows so. Not for bytes that were checked before, nor
  /// for what was not read by layouts.
  bool refuse_shifted = true;
  /// Borrowed; must outlive the reader.
  const ClassLayouts* classes = &default_class_layouts();
};

/// Reads one serialized object incrementally and emits its events. Memory is bounded by `ReadLimits`, never by the
/// input's claims. What no object can be is refused: tensors beyond their storage, storages of the wrong class,
/// negative lengths, table keys nil and NaN.
///
/// Lifetime: `sink` is borrowed and must outlive the reader; bytes given to `put`, and the spans in the events it
/// emits, only last for that call. Threads: one at a time.
class EventReader {
 public:
  /// `format` must not be `automatic`.
  EventReader(Format format, EventSink& sink, const ReadOptions& options = {});
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;
  ~EventReader();

  /// Reads as much of `bytes` as is decidable and emits its events in order. Returns the number of bytes consumed;
  /// present the rest again, followed by more. Splitting the input anywhere yields the same events, except for the
  /// boundaries between `Bytes` and between `Elements`.
  /// What is left unconsumed of an incomplete object never exceeds `kBytesHeldMax`.
  /// Errors: malformed, truncated (a count that `input_bytes` cannot hold), trailing_bytes, limit_exceeded, and the
  /// sink's own, each with offset and path. After an error the reader stays failed with it.
  Result<std::size_t> put(std::span<const std::byte> bytes);

  /// The same, and nothing follows: the object must be complete. Errors: also truncated.
  Result<std::size_t> put_last(std::span<const std::byte> bytes);

  /// The bytes of the elements before which `put` returned; 0 if it did not.
  std::uint64_t elements_ahead_bytes() const;

  /// Goes on behind them, as if they had been read, without events of them. Errors: the sink's.
  Status pass_over_elements();

  /// Whether the object is complete.
  bool done() const;

  /// The object is complete: goes on with another one behind it, as a second `writeObject` on the same file writes it.
  /// Its indices go on, and may refer to those before it.
  void begin_next();

  /// Bytes consumed so far.
  std::uint64_t offset() const;

  /// The part being read, in the grammar of path.h. Costs an allocation; for errors and progress.
  std::string path() const;

  /// The classes whose payload was read as one object although nothing says that it is, so far. Valid as long as the
  /// reader.
  const UndeclaredClasses& undeclared() const;

  /// Which classes may have written something else than what was read of them, as errors say it after what is wrong
  /// (`; the class …`): where what follows the object makes no sense, they are the likely cause. Empty if there are
  /// none.
  std::string suspect_note() const;

  /// A buffer of this size in front of `put` always makes progress.
  static constexpr std::size_t kBytesHeldMax = kInlineStringBytesMax + 64;

 private:
  std::unique_ptr<ObjectParser> parser_;
};

/// Reads with `reader` the object that begins at `from`, in all that follows in `source`: as EventReader::put_last of
/// that, a piece at a time. Returns the bytes that the object took. With `pause_at_elements` elements are passed over:
/// nothing is read of them, and no event tells them.
/// Lifetime: both are borrowed for the call. Threads: one at a time. Errors: the reader's; the source's, without an
/// offset.
Result<std::uint64_t> read_last(EventReader& reader, ByteSource& source, std::uint64_t from);

/// Whether what follows from `from` on may end an input: nothing, or in ascii white space. Errors: the source's.
Result<bool> is_end_of_input(ByteSource& source, std::uint64_t from, Format format);

}  // namespace sconce::core
