#include "core/event/geometry.h"

#include <string>

namespace sconce::core {

namespace {

/// position += (size - 1) * stride; false on overflow.
bool advance_to_last(std::int64_t& position, std::int64_t size, std::int64_t stride) {
  std::int64_t span = 0;
  return !__builtin_mul_overflow(size - 1, stride, &span) && !__builtin_add_overflow(position, span, &position);
}

}  // namespace

std::optional<std::int64_t> element_count(std::span<const std::int64_t> sizes) {
  if (sizes.empty()) return 0;
  bool overflow = false;
  bool empty = false;
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0) return std::nullopt;
    if (size == 0) empty = true;
    overflow = overflow || __builtin_mul_overflow(count, size, &count);
  }
  if (empty) return 0;
  if (overflow) return std::nullopt;
  return count;
}

Status check_geometry(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides, std::int64_t offset,
                      std::int64_t storage_count) {
  if (sizes.size() != strides.size())
    return fail(ErrorCode::malformed, "a tensor has more sizes than strides, or fewer");
  const auto count = element_count(sizes);
  if (!count) return fail(ErrorCode::malformed, "a tensor's sizes are negative, or their product exceeds 64 bits");
  if (*count == 0) return {};
  if (offset < 1) {
    return fail(ErrorCode::malformed,
                "a tensor with elements has the storage offset " + std::to_string(offset) + "; the first is 1");
  }
  std::int64_t lowest = offset - 1;
  std::int64_t highest = offset - 1;
  bool in_range = true;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    in_range = in_range && advance_to_last(strides[d] < 0 ? lowest : highest, sizes[d], strides[d]);
  }
  if (in_range && lowest >= 0 && highest < storage_count) return {};
  return fail(ErrorCode::malformed,
              "a tensor reaches beyond its storage of " + std::to_string(storage_count) + " elements");
}

}  // namespace sconce::core
