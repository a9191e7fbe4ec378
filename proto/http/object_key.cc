#include "proto/http/object_key.h"

#include <algorithm>

#include "core/text/utf8.h"
#include "proto/http/percent.h"

namespace sconce::proto {

namespace {

std::unexpected<Problem> bad_key_at(std::size_t offset, std::string_view what) {
  return refuse(RequestError::bad_key, "byte " + std::to_string(offset) + " of the key: " + std::string(what));
}

HttpResult<void> check_characters(std::string_view key) {
  for (std::size_t i = 0; i < key.size();) {
    const std::size_t bytes = core::utf8_sequence_bytes(key.substr(i));
    if (bytes == 0) return bad_key_at(i, "not UTF-8");
    const auto byte = static_cast<unsigned char>(key[i]);
    const bool c1 = bytes == 2 && byte == 0xc2 && static_cast<unsigned char>(key[i + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || c1) return bad_key_at(i, "a control character");
    i += bytes;
  }
  return {};
}

HttpResult<void> check_segments(std::string_view key) {
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty()) return bad_key_at(begin, "an empty segment; keys look like runs/42/step-1000");
    if (segment == "." || segment == "..") return bad_key_at(begin, "a segment `.` or `..`");
    begin = end + 1;
  }
  return {};
}

}  // namespace

HttpResult<void> check_object_key(std::string_view key) {
  if (key.empty()) return refuse(RequestError::bad_key, "the key is empty");
  if (key.size() > kKeyBytesMax) {
    return refuse(RequestError::bad_key, "the key has " + std::to_string(key.size()) + " bytes, and at most " +
                                             std::to_string(kKeyBytesMax) + " are allowed");
  }
  if (HttpResult<void> checked = check_characters(key); !checked) return checked;
  return check_segments(key);
}

HttpResult<std::string> parse_object_key(std::string_view encoded) {
  core::Result<std::string> key = percent_decode(encoded);
  if (!key) return bad_key_at(key.error().offset.value_or(0), key.error().what);
  if (const HttpResult<void> checked = check_object_key(*key); !checked) return std::unexpected(checked.error());
  return std::move(*key);
}

}  // namespace sconce::proto
