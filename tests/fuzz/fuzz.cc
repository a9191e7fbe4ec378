#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sconce::tests {

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void require(const core::Status& status, std::string_view what) {
  if (!status) require(false, std::string(what) + ": " + core::to_string(status.error()));
}

std::string_view FuzzInput::text(std::size_t size) {
  const std::string_view taken = bytes_.substr(0, size);
  bytes_.remove_prefix(taken.size());
  return taken;
}

std::uint32_t FuzzInput::take(std::size_t size) {
  std::uint32_t value = 0;
  for (const char byte : text(size)) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

core::ReadLimits modest_limits() {
  return {.depth_max = 200, .string_bytes_max = 1 << 20, .dimensions_max = 64, .indices_max = 10'000};
}

core::Status BoundedSink::write(std::span<const std::byte> bytes) {
  if (bytes.size() > bytes_max_ - bytes_.size()) {
    return core::fail(core::ErrorCode::limit_exceeded, "the output is larger than it may be here");
  }
  bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return {};
}

}  // namespace sconce::tests
