#include "tests/torture/content.h"

#include <charconv>

namespace sconce::tests {

namespace {

constexpr std::size_t kHeaderBytes = 8;  // the tag and the length

void append_int(std::string& bytes, std::size_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
}

}  // namespace

std::string object_of(Value value, std::size_t size_bytes) {
  const std::string part = std::to_string(value) + ' ';
  std::string object;
  object.reserve(kHeaderBytes + size_bytes + part.size());
  append_int(object, 2);
  append_int(object, 0);
  while (object.size() < kHeaderBytes + size_bytes) object += part;
  std::string size;
  append_int(size, object.size() - kHeaderBytes);
  return object.replace(4, 4, size);
}

std::optional<Value> value_of(std::string_view object) {
  if (object.size() <= kHeaderBytes) return std::nullopt;
  const std::string_view text = object.substr(kHeaderBytes);
  Value value = kNone;
  std::from_chars(text.data(), text.data() + text.size(), value);
  const std::size_t part_bytes = std::to_string(value).size() + 1;
  const bool repeats = text.size() >= part_bytes && text.size() % part_bytes == 0 &&
                       text.substr(part_bytes) == text.substr(0, text.size() - part_bytes);
  if (!repeats || object != object_of(value, text.size())) return std::nullopt;
  return value;
}

}  // namespace sconce::tests
