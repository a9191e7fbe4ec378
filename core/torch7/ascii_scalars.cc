#include "core/torch7/ascii_scalars.h"

#include <algorithm>
#include <cstring>

#include "core/little_endian.h"
#include "core/numbers/float_scanning.h"
#include "core/numbers/half.h"
#include "core/numbers/number_text.h"
#include "core/numbers/swar_digits.h"

namespace sconce::core {
namespace {

char char_at(const std::byte* position) { return static_cast<char>(*position); }

/// In place.
void narrow_to_halves(std::byte* floats, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = load_little_endian<float>(floats + i * sizeof(float));
    store_little_endian(floats + i * sizeof(std::uint16_t), float_to_half(value));
  }
}

/// The usual integers, with white space behind, read at once: a digit, as most are, or up to 8 of them. Returns their
/// size; 0 if it is another one.
std::size_t scan_usual_integer(const char* text, std::int32_t& value) {
  if (text[0] >= '0' && text[0] <= '9' && is_space(text[1])) {
    value = text[0] - '0';
    return 1;
  }
  const int sign = *text == '-' ? 1 : 0;
  const std::uint64_t word = load_digits(text + sign);
  const int count = digits_before(mark_others(word));
  if (count == 0 || !is_space(text[sign + count])) return 0;
  const auto number = static_cast<std::int32_t>(number_of(word, count));
  value = sign == 1 ? -number : number;
  return static_cast<std::size_t>(sign) + static_cast<std::size_t>(count);
}

/// Why `c` does not begin a number. One byte must tell: more may not be at hand.
std::string_view why_no_number(char c) {
  if (c == '\xef')
    return "a number is expected here; UTF-8 with a byte order mark begins so: take the file as Torch wrote it";
  if (c == '\0' || c == '\xff' || c == '\xfe')
    return "a number is expected here; the text may have become UTF-16: take the file as Torch wrote it";
  return "a number is expected here";
}

}  // namespace

void AsciiScalars::skip_spaces(Cursor& cursor) {
  while (cursor.position != cursor.end && is_space(char_at(cursor.position))) ++cursor.position;
}

void AsciiScalars::skip_newline(Cursor& cursor) {
  if (!newline_belongs_to_last_ || cursor.position == cursor.end) return;
  if (char_at(cursor.position) == '\n') ++cursor.position;
  newline_belongs_to_last_ = false;
}

/// In front of raw bytes. Torch would take a CR for the first of them; it never writes one there.
ReadStatus AsciiScalars::end_line(Cursor& cursor) {
  if (!newline_belongs_to_last_) return ReadStatus::complete;
  if (cursor.position == cursor.end) return ReadStatus::need_more;
  if (char_at(cursor.position) == '\r') {
    cursor.token = cursor.position;
    failure_ =
        "the line ends are CR LF, but Torch writes LF: the file was changed as if it were text, which damages strings "
        "and bytes; take it as it was written (from git with `*.t7 -text` in .gitattributes, by FTP in binary mode)";
    return ReadStatus::failed;
  }
  skip_newline(cursor);
  return ReadStatus::complete;
}

ReadStatus AsciiScalars::peek_number(Cursor& cursor, std::string_view& text) {
  skip_spaces(cursor);
  cursor.token = cursor.position;
  const std::size_t visible = std::min(cursor.left(), number_bytes_max_ + 1);
  std::size_t size = 0;
  while (size < visible && can_continue_number(char_at(cursor.position + size))) ++size;
  if (size > number_bytes_max_) {
    failure_ = "a number is longer than the limit number_bytes_max";
    failed_by_limit_ = true;
    return ReadStatus::failed;
  }
  if (size == cursor.left() && (!cursor.is_last || size == 0)) return ReadStatus::need_more;
  text = {reinterpret_cast<const char*>(cursor.position), size};
  return ReadStatus::complete;
}

template <class Number, class Scan>
ReadStatus AsciiScalars::read_number(Cursor& cursor, Number& value, Scan scan) {
  std::string_view text;
  const ReadStatus read = peek_number(cursor, text);
  if (read != ReadStatus::complete) return read;
  const auto scanned = scan(text);
  if (scanned.size == 0) {
    failure_ = why_no_number(char_at(cursor.position));
    return ReadStatus::failed;
  }
  value = static_cast<Number>(scanned.value);
  cursor.position += scanned.size;
  newline_belongs_to_last_ = true;
  return ReadStatus::complete;
}

template <class Integer>
ReadStatus AsciiScalars::read_integer(Cursor& cursor, Integer& value) {
  constexpr std::size_t kUsualBytes = 16;  // more than what is looked at
  skip_spaces(cursor);
  if (cursor.left() < kUsualBytes || number_bytes_max_ < kUsualBytes) return read_number(cursor, value, scan_integer);
  std::int32_t usual = 0;
  const std::size_t size = scan_usual_integer(reinterpret_cast<const char*>(cursor.position), usual);
  if (size == 0) return read_number(cursor, value, scan_integer);
  value = usual;
  cursor.token = cursor.position;
  cursor.position += size;
  newline_belongs_to_last_ = true;
  return ReadStatus::complete;
}

ReadStatus AsciiScalars::read_int(Cursor& cursor, std::int32_t& value) { return read_integer(cursor, value); }
ReadStatus AsciiScalars::read_tag(Cursor& cursor, std::int32_t& tag) {
  const Cursor before = cursor;
  const ReadStatus read = read_integer(cursor, tag);
  if (read != ReadStatus::complete) return read;
  const bool ends = cursor.position == cursor.end;
  if (ends && !tag_was_read_) {
    cursor = before;
    return ReadStatus::need_more;
  }
  if (!ends && !is_space(char_at(cursor.position))) {
    failure_ =
        char_at(cursor.position) == '\0' ? why_no_number('\0') : "white space is expected after the tag of an object";
    return ReadStatus::failed;
  }
  tag_was_read_ = true;
  return ReadStatus::complete;
}
ReadStatus AsciiScalars::read_long(Cursor& cursor, std::int64_t& value) { return read_integer(cursor, value); }
ReadStatus AsciiScalars::read_double(Cursor& cursor, double& value) {
  skip_spaces(cursor);
  cursor.token = cursor.position;
  if (read_usual_floats<double>(cursor, reinterpret_cast<std::byte*>(&value), 1) == 1) return ReadStatus::complete;
  return read_number(cursor, value, scan_float<double>);
}

ReadStatus AsciiScalars::read_bytes(Cursor& cursor, std::size_t size, std::string_view& bytes) {
  const ReadStatus ended = size > 0 ? end_line(cursor) : ReadStatus::complete;
  if (ended != ReadStatus::complete) return ended;
  cursor.token = cursor.position;
  if (cursor.left() < size) return ReadStatus::need_more;
  bytes = {reinterpret_cast<const char*>(cursor.position), size};
  cursor.position += size;
  newline_belongs_to_last_ = newline_belongs_to_last_ || size > 0;
  return ReadStatus::complete;
}

ReadStatus AsciiScalars::read_some_bytes(Cursor& cursor, std::uint64_t size_max, std::string_view& bytes) {
  const ReadStatus ended = end_line(cursor);
  if (ended != ReadStatus::complete) return ended;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(size_max, cursor.left()));
  if (size == 0) return ReadStatus::need_more;
  const ReadStatus read = read_bytes(cursor, size, bytes);
  newline_belongs_to_last_ = size == size_max;
  return read;
}

ReadStatus AsciiScalars::read_element(Cursor& cursor, ElementType type, std::byte* to) {
  if (type == ElementType::f64) {
    double value = 0;
    const ReadStatus read = read_number(cursor, value, scan_float<double>);
    store_little_endian(to, value);
    return read;
  }
  if (type == ElementType::f32) {
    float value = 0;
    const ReadStatus read = read_number(cursor, value, scan_float<float>);
    store_little_endian(to, value);
    return read;
  }
  std::int64_t value = 0;
  const ReadStatus read = read_long(cursor, value);
  std::memcpy(to, &value, size_bytes_of(type));  // saturated to 64 bits, then cut to the width, as C casts
  return read;
}

/// As many as are written as usual.
template <class Float>
std::size_t AsciiScalars::read_usual_floats(Cursor& cursor, std::byte* to, std::size_t count) {
  if (number_bytes_max_ < kFloatScanBytes) return 0;
  const char* at = reinterpret_cast<const char*>(cursor.position);
  const std::size_t done = scan_floats<Float>(at, reinterpret_cast<const char*>(cursor.end), to, count);
  cursor.position = reinterpret_cast<const std::byte*>(at);
  newline_belongs_to_last_ = newline_belongs_to_last_ || done > 0;
  return done;
}

std::size_t AsciiScalars::read_usual(Cursor& cursor, ElementType type, std::byte* to, std::size_t count) {
  if (type == ElementType::f64) return read_usual_floats<double>(cursor, to, count);
  if (type == ElementType::f32) return read_usual_floats<float>(cursor, to, count);
  return 0;
}

ReadStatus AsciiScalars::read_elements(Cursor& cursor, ElementType type, std::uint64_t count_max,
                                       std::span<const std::byte>& elements) {
  if (size_bytes_of(type) == 1) {
    std::string_view bytes;
    const ReadStatus read = read_some_bytes(cursor, count_max, bytes);
    elements = std::as_bytes(std::span(bytes));
    return read;
  }
  if (!scratch_) scratch_ = std::make_unique_for_overwrite<std::byte[]>(kScratchBytes);
  // Halves are read as floats first.
  const ElementType read_type = type == ElementType::f16 ? ElementType::f32 : type;
  const std::size_t width = size_bytes_of(read_type);
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(count_max, kScratchBytes / width));
  std::size_t done = 0;
  ReadStatus read = ReadStatus::complete;
  while (read == ReadStatus::complete && done < count) {
    done += read_usual(cursor, read_type, scratch_.get() + done * width, count - done);
    if (done == count) break;
    read = read_element(cursor, read_type, scratch_.get() + done * width);
    if (read == ReadStatus::complete) ++done;
  }
  if (done == 0) return read;
  // What stopped it, more or failed, is met again by the next call.
  if (type == ElementType::f16) narrow_to_halves(scratch_.get(), done);
  elements = {scratch_.get(), done * size_bytes_of(type)};
  return ReadStatus::complete;
}

}  // namespace sconce::core
