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

Status try_reading(std::span<const std::byte> bytes, Format format, const ReadOptions& options) {
  NullSink sink;
  EventReader reader(format, sink, options);
  Result<std::size_t> read = reader.put(bytes);
  if (read) return {};
  return std::unexpected(std::move(read.error()));
}

}  // namespace

Result<Format> sniff(std::span<const std::byte> bytes, const ReadOptions& options) {
  if (bytes.empty()) {
    return std::unexpected(Error{.code = ErrorCode::truncated, .what = "the input is empty", .offset = 0, .path = ""});
  }
  if (begins_as_ascii(bytes)) return Format::ascii;
  const Status b64 = try_reading(bytes, Format::b64, options);
  if (b64) return Format::b64;
  const Status b32 = try_reading(bytes, Format::b32, options);
  if (b32) return Format::b32;
  // Neither: what got further is the likelier one, and its reader says what is wrong.
  if (b64.error().code == ErrorCode::limit_exceeded || b32.error().code == ErrorCode::limit_exceeded) {
    return b64.error().offset >= b32.error().offset ? Format::b64 : Format::b32;
  }
  return fail(ErrorCode::unknown_format, "the bytes are not ascii; read as b64: " + to_string(b64.error()) +
                                             "; read as b32: " + to_string(b32.error()));
}

}  // namespace sconce::core
