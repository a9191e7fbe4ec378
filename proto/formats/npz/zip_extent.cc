#include "proto/formats/npz/zip_extent.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/little_endian.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::Status;

constexpr std::string_view kEnd("PK\5\6", 4);             // of the directory; 22 bytes and a comment
constexpr std::string_view kLongEndLocator("PK\6\7", 4);  // 20 bytes, right in front of it
constexpr std::string_view kLongEnd("PK\6\6", 4);         // with fields of 64 bits, in front of that
constexpr std::string_view kEntry("PK\1\2", 4);           // in the directory
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kLocatorBytes = 20;
constexpr std::uint64_t kLongEndBytes = 56;  // as everybody writes it; it may have more
constexpr std::uint64_t kEntryBytes = 46;
constexpr std::uint16_t kLongFields = 1;  // the extra field that has them
constexpr std::uint32_t kIsLong = UINT32_MAX;

template <class T>
T load(std::string_view zip, std::uint64_t at) {
  return core::load_little_endian<T>(zip.data() + at);
}

/// Where the directory lies, and where it has to end.
struct Directory {
  std::uint64_t offset_bytes;
  std::uint64_t size_bytes;
  std::uint64_t end_bytes;
};

std::unexpected<core::Error> malformed(std::string what) {
  return core::fail(ErrorCode::malformed, "the npz: " + std::move(what));
}

std::unexpected<core::Error> begins_late(std::uint64_t bytes) {
  return malformed(std::to_string(bytes) + (bytes == 1 ? " byte stands" : " bytes stand") +
                   " in front of the zip, or between its entries and its directory");
}

/// By the locator at `locator`.
core::Result<Directory> long_directory(std::string_view zip, std::uint64_t locator) {
  const auto said = load<std::uint64_t>(zip, locator + 8);
  const auto is_record = [&](std::uint64_t at) {
    return at <= locator && locator - at >= kLongEndBytes && zip.substr(at).starts_with(kLongEnd) &&
           load<std::uint64_t>(zip, at + 4) == locator - at - 12;
  };
  if (is_record(said)) {
    return Directory{load<std::uint64_t>(zip, said + 48), load<std::uint64_t>(zip, said + 40), said};
  }
  const std::uint64_t usual = locator - std::min(locator, kLongEndBytes);
  if (is_record(usual) && said < usual) return begins_late(usual - said);
  return malformed("the end of the directory, with 64-bit fields, is not where its locator says");
}

core::Result<Directory> directory_of(std::string_view zip, std::uint64_t end) {
  const bool is_long = end >= kLocatorBytes && zip.substr(end - kLocatorBytes).starts_with(kLongEndLocator);
  if (is_long) return long_directory(zip, end - kLocatorBytes);
  return Directory{load<std::uint32_t>(zip, end + 16), load<std::uint32_t>(zip, end + 12), end};
}

/// Where the entry at `at` of the directory says that it begins; nothing if it does not say.
std::optional<std::uint64_t> begin_of_entry(std::string_view zip, std::uint64_t at) {
  const auto offset = load<std::uint32_t>(zip, at + 42);
  if (offset != kIsLong) return offset;
  std::string_view extra = zip.substr(at + kEntryBytes + load<std::uint16_t>(zip, at + 28));
  extra = extra.substr(0, load<std::uint16_t>(zip, at + 30));
  while (extra.size() >= 4) {
    const std::string_view field = extra.substr(4).substr(0, load<std::uint16_t>(extra, 2));
    if (load<std::uint16_t>(extra, 0) == kLongFields) {
      const auto sizes = std::uint64_t{load<std::uint32_t>(zip, at + 20) == kIsLong} +
                         std::uint64_t{load<std::uint32_t>(zip, at + 24) == kIsLong};
      if (field.size() < 8 * (sizes + 1)) return std::nullopt;
      return load<std::uint64_t>(field, 8 * sizes);
    }
    extra.remove_prefix(4 + field.size());
  }
  return std::nullopt;
}

/// Where the first entry begins, or the directory, if that has none.
core::Result<std::uint64_t> begin_of(std::string_view zip, const Directory& directory) {
  std::uint64_t begin = directory.offset_bytes;
  std::uint64_t at = directory.offset_bytes;
  while (at < directory.end_bytes) {
    const std::string_view entry = zip.substr(at, directory.end_bytes - at);
    if (entry.size() < kEntryBytes || !entry.starts_with(kEntry)) return malformed("its directory is damaged");
    const std::uint64_t size = kEntryBytes + std::uint64_t{load<std::uint16_t>(entry, 28)} +
                               load<std::uint16_t>(entry, 30) + load<std::uint16_t>(entry, 32);
    if (size > entry.size()) return malformed("its directory is damaged");
    const auto entry_begin = begin_of_entry(zip, at);
    if (!entry_begin) return malformed("an entry of its directory does not say where it begins");
    begin = std::min(begin, *entry_begin);
    at += size;
  }
  return begin;
}

}  // namespace

Status check_zip_extent(std::span<const std::byte> bytes) {
  const std::string_view zip(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (zip.size() < kEndBytes) return {};
  const std::size_t end = zip.rfind(kEnd, zip.size() - kEndBytes);
  if (end == std::string_view::npos) return {};
  const std::uint64_t behind = zip.size() - end - kEndBytes;
  const std::uint64_t comment = load<std::uint16_t>(zip, end + 20);
  if (comment > behind) return malformed("its comment is cut off");
  if (comment < behind) {
    const std::uint64_t count = behind - comment;
    return std::unexpected(core::Error{
        .code = ErrorCode::trailing_bytes,
        .what = "the npz: " + std::to_string(count) + (count == 1 ? " byte follows" : " bytes follow") + " its end",
        .offset = zip.size() - count});
  }
  const auto directory = directory_of(zip, end);
  if (!directory) return std::unexpected(directory.error());
  const auto [offset, size, directory_end] = *directory;
  if (offset > directory_end || size > directory_end - offset) return malformed("its directory lies beyond its end");
  if (offset + size < directory_end) return begins_late(directory_end - offset - size);
  const auto begin = begin_of(zip, *directory);
  if (!begin) return std::unexpected(begin.error());
  return *begin == 0 ? Status() : begins_late(*begin);
}

}  // namespace sconce::proto
