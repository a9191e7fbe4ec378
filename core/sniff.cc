#include "core/sniff.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/null_sink.h"
#include "core/number_text.h"

namespace sconce::core {
namespace {

/// Ascii begins with a number or white space, binary with a little- or big-endian tag from 0 to 8.
bool begins_as_ascii(std::span<const std::byte> bytes) {
  const char first = static_cast<char>(bytes.front());
  return is_space(first) || (first >= '0' && first <= '9') || first == '+' || first == '-';
}

/// How far one way of reading came.
struct Reading {
  Status status;
  bool complete = false;  // the object ended
  bool whole = false;     // and so did the input
};

Reading try_reading(std::span<const std::byte> bytes, Format format, const ReadOptions& options) {
  NullSink sink;
  EventReader reader(format, sink, options);
  const Result<std::size_t> used = reader.put(bytes);
  if (!used) return {.status = std::unexpected(used.error())};
  return {.status = {}, .complete = reader.done(), .whole = reader.done() && *used == bytes.size()};
}

/// Whether all went well until the input could not hold what it claims.
bool is_cut_off(const Reading& reading) {
  return !reading.status && reading.status.error().code == ErrorCode::truncated;
}

/// Whether no input that begins so can be read this way.
bool is_impossible(const Reading& reading) {
  if (reading.status) return false;
  const ErrorCode code = reading.status.error().code;
  return code == ErrorCode::malformed || code == ErrorCode::trailing_bytes;
}

bool goes_on(const Reading& reading) { return reading.status && !reading.complete; }

}  // namespace

std::optional<Format> sniff_begin(std::span<const std::byte> begin, const ReadOptions& options) {
  if (begin.empty()) return std::nullopt;
  if (begins_as_ascii(begin)) return Format::ascii;
  const Reading b64 = try_reading(begin, Format::b64, options);
  const Reading b32 = try_reading(begin, Format::b32, options);
  if (goes_on(b64) && is_impossible(b32)) return Format::b64;
  if (goes_on(b32) && is_impossible(b64)) return Format::b32;
  return std::nullopt;
}

Result<Format> sniff(std::span<const std::byte> bytes, const ReadOptions& options) {
  if (bytes.empty()) {
    return std::unexpected(Error{.code = ErrorCode::truncated, .what = "the input is empty", .offset = 0, .path = ""});
  }
  if (begins_as_ascii(bytes)) return Format::ascii;
  const Reading b64 = try_reading(bytes, Format::b64, options);
  if (b64.whole) return Format::b64;
  const Reading b32 = try_reading(bytes, Format::b32, options);
  if (b32.whole) return Format::b32;
  if (b64.status) return Format::b64;
  if (b32.status && !b32.complete) return Format::b32;
  // A b64 tensor that was cut off reads as an empty one in b32 with bytes behind it. Files are cut off, hardly ever
  // added to.
  if (is_cut_off(b64)) return Format::b64;
  if (b32.status || is_cut_off(b32)) return Format::b32;
  // Neither: what got further is the likelier one, and its reader says what is wrong.
  if (b64.status.error().code == ErrorCode::limit_exceeded || b32.status.error().code == ErrorCode::limit_exceeded) {
    return b64.status.error().offset >= b32.status.error().offset ? Format::b64 : Format::b32;
  }
  return fail(ErrorCode::unknown_format, "the bytes are not ascii; read as b64: " + to_string(b64.status.error()) +
                                             "; read as b32: " + to_string(b32.status.error()));
}

}  // namespace sconce::core
