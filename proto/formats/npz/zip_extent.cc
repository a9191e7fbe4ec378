#include "proto/formats/npz/zip_extent.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/little_endian.h"
#include "core/text/printable.h"
#include "proto/formats/npz/zip_bytes.h"

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
T load(std::string_view record, std::size_t at) {
  return core::load_little_endian<T>(record.data() + at);
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

/// Whether the end of the directory with fields of 64 bits is the record at `at`, in front of the locator.
core::Result<bool> is_long_end(ZipBytes& zip, std::uint64_t at, std::uint64_t locator) {
  if (at > locator || locator - at < kLongEndBytes) return false;
  const auto record = zip.at(at, kLongEndBytes);
  if (!record) return std::unexpected(record.error());
  return record->starts_with(kLongEnd) && load<std::uint64_t>(*record, 4) == locator - at - 12;
}

/// By the locator at `locator`, which says that the end of the directory is at `said`.
core::Result<Directory> long_directory(ZipBytes& zip, std::uint64_t locator, std::uint64_t said) {
  const auto is_said = is_long_end(zip, said, locator);
  if (!is_said) return std::unexpected(is_said.error());
  if (*is_said) {
    const auto record = zip.at(said, kLongEndBytes);
    if (!record) return std::unexpected(record.error());
    return Directory{load<std::uint64_t>(*record, 48), load<std::uint64_t>(*record, 40), said};
  }
  const std::uint64_t usual = locator - std::min(locator, kLongEndBytes);
  const auto is_usual = is_long_end(zip, usual, locator);
  if (!is_usual) return std::unexpected(is_usual.error());
  if (*is_usual && said < usual) return begins_late(usual - said);
  return malformed("the end of the directory, with 64-bit fields, is not where its locator says");
}

/// By the record of its end at `end`.
core::Result<Directory> directory_of(ZipBytes& zip, std::uint64_t end) {
  if (end >= kLocatorBytes) {
    const auto locator = zip.at(end - kLocatorBytes, kLocatorBytes);
    if (!locator) return std::unexpected(locator.error());
    if (locator->starts_with(kLongEndLocator)) {
      return long_directory(zip, end - kLocatorBytes, load<std::uint64_t>(*locator, 8));
    }
  }
  const auto record = zip.at(end, kEndBytes);
  if (!record) return std::unexpected(record.error());
  return Directory{load<std::uint32_t>(*record, 16), load<std::uint32_t>(*record, 12), end};
}

/// Where an entry of the directory says that it begins; nothing if it does not say.
std::optional<std::uint64_t> begin_of_entry(std::string_view entry) {
  const auto offset = load<std::uint32_t>(entry, 42);
  if (offset != kIsLong) return offset;
  std::string_view extra = entry.substr(kEntryBytes + load<std::uint16_t>(entry, 28));
  extra = extra.substr(0, load<std::uint16_t>(entry, 30));
  while (extra.size() >= 4) {
    const std::string_view field = extra.substr(4).substr(0, load<std::uint16_t>(extra, 2));
    if (load<std::uint16_t>(extra, 0) == kLongFields) {
      const auto sizes = std::size_t{load<std::uint32_t>(entry, 20) == kIsLong} +
                         std::size_t{load<std::uint32_t>(entry, 24) == kIsLong};
      if (field.size() < 8 * (sizes + 1)) return std::nullopt;
      return load<std::uint64_t>(field, 8 * sizes);
    }
    extra.remove_prefix(4 + field.size());
  }
  return std::nullopt;
}

/// The entry at `at` of the directory, with its name and its extra fields.
core::Result<std::string_view> entry_at(ZipBytes& zip, std::uint64_t at, const Directory& directory) {
  const std::uint64_t left = directory.end_bytes - at;
  if (left < kEntryBytes) return malformed("its directory is damaged");
  const auto entry = zip.at(at, kEntryBytes);
  if (!entry) return std::unexpected(entry.error());
  if (!entry->starts_with(kEntry)) return malformed("its directory is damaged");
  const std::size_t size = kEntryBytes + std::size_t{load<std::uint16_t>(*entry, 28)} +
                           load<std::uint16_t>(*entry, 30) + load<std::uint16_t>(*entry, 32);
  if (size > left) return malformed("its directory is damaged");
  return zip.at(at, size);
}

/// libarchive makes slashes of backslashes. That is right for DOS and Windows, where both separate folders.
Status check_name(std::string_view entry) {
  constexpr char kDos = 0;
  constexpr std::size_t kShownBytesMax = 64;
  const std::string_view name = entry.substr(kEntryBytes, load<std::uint16_t>(entry, 28));
  if (entry[5] == kDos || !name.contains('\\')) return {};
  return malformed("the name of the entry `" + core::printable(name.substr(0, kShownBytesMax)) +
                   "` has a backslash, which programs read as a slash; rename it");
}

/// Where the first entry begins, or the directory, if that has none.
core::Result<std::uint64_t> begin_of(ZipBytes& zip, const Directory& directory) {
  std::uint64_t begin = directory.offset_bytes;
  std::uint64_t at = directory.offset_bytes;
  while (at < directory.end_bytes) {
    const auto entry = entry_at(zip, at, directory);
    if (!entry) return std::unexpected(entry.error());
    if (Status named = check_name(*entry); !named) return std::unexpected(std::move(named.error()));
    const auto entry_begin = begin_of_entry(*entry);
    if (!entry_begin) return malformed("an entry of its directory does not say where it begins");
    begin = std::min(begin, *entry_begin);
    at += entry->size();
  }
  return begin;
}

/// Where the last record of the directory's end is; nothing where no such record can be found.
core::Result<std::optional<std::uint64_t>> end_of(ZipBytes& zip) {
  if (zip.size() < kEndBytes) return std::nullopt;
  std::uint64_t past = zip.size() - kEndBytes + kEnd.size();  // no record begins so late that its mark reaches beyond
  while (past >= kEnd.size()) {
    const std::uint64_t from = past - std::min<std::uint64_t>(past, ZipBytes::kPieceBytes);
    const auto piece = zip.at(from, static_cast<std::size_t>(past - from));
    if (!piece) return std::unexpected(piece.error());
    const std::size_t found = piece->rfind(kEnd);
    if (found != std::string_view::npos) return from + found;
    if (from == 0) break;
    past = from + kEnd.size() - 1;  // it may begin in the piece before
  }
  return std::nullopt;
}

/// The record at `end`, with its comment, is the last of the zip.
Status check_end(ZipBytes& zip, std::uint64_t end) {
  const auto record = zip.at(end, kEndBytes);
  if (!record) return std::unexpected(record.error());
  const std::uint64_t left = zip.size() - end - kEndBytes;
  const std::uint64_t comment = load<std::uint16_t>(*record, 20);
  if (comment > left) return malformed("its comment is cut off");
  if (comment == left) return {};
  const std::uint64_t count = left - comment;
  return std::unexpected(core::Error{
      .code = ErrorCode::trailing_bytes,
      .what = "the npz: " + std::to_string(count) + (count == 1 ? " byte follows" : " bytes follow") + " its end",
      .offset = zip.size() - count});
}

}  // namespace

Status check_zip_extent(core::ByteSource& source) {
  ZipBytes zip(source);
  const auto end = end_of(zip);
  if (!end) return std::unexpected(end.error());
  if (!*end) return {};
  if (Status checked = check_end(zip, **end); !checked) return checked;
  const auto directory = directory_of(zip, **end);
  if (!directory) return std::unexpected(directory.error());
  const auto [offset, size, directory_end] = *directory;
  if (offset > directory_end || size > directory_end - offset) return malformed("its directory lies beyond its end");
  if (offset + size < directory_end) return begins_late(directory_end - offset - size);
  const auto begin = begin_of(zip, *directory);
  if (!begin) return std::unexpected(begin.error());
  return *begin == 0 ? Status() : begins_late(*begin);
}

}  // namespace sconce::proto
