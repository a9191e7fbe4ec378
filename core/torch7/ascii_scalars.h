#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/event/element_type.h"
#include "core/limits.h"
#include "core/torch7/cursor.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// Reads the primitives of ascii. White space is skipped in front of a number; behind an array (a scalar is an array of
/// one) exactly one newline belongs to it, if it is the very next byte; byte and char arrays are raw. Source:
/// docs/formats.md, "ascii".
///
/// Lifetime, threads, errors: as BinaryScalars.
class AsciiScalars {
 public:
  AsciiScalars(Format, ByteOrder, const ReadLimits& limits) : number_bytes_max_(limits.number_bytes_max) {}

  // The same contract as BinaryScalars.
  ReadStatus read_int(Cursor& cursor, std::int32_t& value);
  /// White space must follow, as Torch writes it: `1.5` is no tag and the number .5. The last tag of all, of a nil, may
  /// end the input, unless it is the first too: that is a number.
  ReadStatus read_tag(Cursor& cursor, std::int32_t& tag);
  ReadStatus read_long(Cursor& cursor, std::int64_t& value);
  ReadStatus read_double(Cursor& cursor, double& value);
  ReadStatus read_bytes(Cursor& cursor, std::size_t size, std::string_view& bytes);
  ReadStatus read_some_bytes(Cursor& cursor, std::uint64_t size_max, std::string_view& bytes);
  ReadStatus read_elements(Cursor& cursor, ElementType type, std::uint64_t count_max,
                           std::span<const std::byte>& elements);

  /// Takes the newline that belongs to the object's last array, if it is at hand.
  void finish_object(Cursor& cursor) { skip_newline(cursor); }
  /// White space may stand behind an object.
  void skip_trailing(Cursor& cursor) { skip_spaces(cursor); }

  std::string_view failure() const { return failure_; }
  bool failed_by_limit() const { return failed_by_limit_; }

  MinimumBytes element_minimum(ElementType type) const {
    return size_bytes_of(type) == 1 ? MinimumBytes{1, 0}
                                    : MinimumBytes{2, 1};  // a digit and a space, but none after the last
  }
  static constexpr MinimumBytes kObjectMinimum{2, 1};  // "0 "
  static constexpr MinimumBytes kPairMinimum{6, 1};    // "5 0 0 "

 private:
  static constexpr std::size_t kScratchBytes = 64 * 1024;

  /// A number's text, as far as it may reach; nothing is consumed.
  ReadStatus peek_number(Cursor& cursor, std::string_view& text);
  ReadStatus consume(Cursor& cursor, std::size_t size, std::string_view text);
  template <class Number, class Scan>
  ReadStatus read_number(Cursor& cursor, Number& value, Scan scan);
  template <class Integer>
  ReadStatus read_integer(Cursor& cursor, Integer& value);
  std::size_t read_usual(Cursor& cursor, ElementType type, std::byte* to, std::size_t count);
  template <class Float>
  std::size_t read_usual_floats(Cursor& cursor, std::byte* to, std::size_t count);
  ReadStatus read_element(Cursor& cursor, ElementType type, std::byte* to);
  void skip_newline(Cursor& cursor);
  ReadStatus end_line(Cursor& cursor);
  static void skip_spaces(Cursor& cursor);

  std::size_t number_bytes_max_;
  bool tag_was_read_ = false;
  bool newline_belongs_to_last_ = false;
  bool failed_by_limit_ = false;
  std::string_view failure_;
  std::unique_ptr<std::byte[]> scratch_;
};

}  // namespace sconce::core
