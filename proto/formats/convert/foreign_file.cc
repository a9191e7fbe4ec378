#include "proto/formats/convert/foreign_file.h"

#include <cstdint>

#include "core/torch7/file_kind.h"
#include "proto/formats/convert/object_importer.h"

namespace sconce::proto {

namespace {

// A tag, a mark, or the length of a header.
constexpr std::uint64_t kFirstBytes = 8;

bool is_about_bytes(core::ErrorCode code) {
  using enum core::ErrorCode;
  return code == malformed || code == truncated || code == limit_exceeded || code == unknown_format;
}

}  // namespace

core::Error with_file_kind(core::Error error, ObjectFormat named, std::span<const std::byte> begin) {
  if (!is_about_bytes(error.code) || error.offset.value_or(0) > kFirstBytes) return error;
  if (foreign_format_of(begin) == named) return error;
  const std::string_view kind = core::marked_kind_of(begin);
  if (!kind.empty() && !error.what.contains(kind)) error.what.append("; this is ").append(kind);
  return error;
}

}  // namespace sconce::proto
