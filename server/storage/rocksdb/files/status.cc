#include "server/storage/rocksdb/files/status.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace sconce::server::storage {

namespace {

core::ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return core::ErrorCode::corrupt;
  if (shortage_of(status) == Shortage::space) return core::ErrorCode::no_space;
  // What the database says once it has stopped writing, and one that could only be opened to be read.
  if (status.severity() >= rocksdb::Status::kHardError || status.IsNotSupported()) return core::ErrorCode::unavailable;
  return core::ErrorCode::io_error;
}

/// RocksDB knows of ENOSPC only; of other errors it keeps the system's text.
bool ends_with_error(std::string_view text, int error) {
  return text.ends_with(": " + std::generic_category().message(error));
}

}  // namespace

core::Error error_from(const rocksdb::Status& status, std::string_view doing) {
  return {.code = code_of(status), .what = std::string(doing) + ": " + status.ToString()};
}

Shortage shortage_of(const rocksdb::Status& status) {
  if (status.ok()) return Shortage::none;
  if (status.IsNoSpace()) return Shortage::space;
  if (!status.IsIOError()) return Shortage::none;
  const std::string text = status.ToString();
  if (ends_with_error(text, EDQUOT)) return Shortage::space;
  if (ends_with_error(text, EMFILE) || ends_with_error(text, ENFILE)) return Shortage::descriptors;
  return Shortage::none;
}

std::unexpected<core::Error> not_open() {
  return core::fail(core::ErrorCode::unavailable,
                    "the database could not be opened again after it ran out of space or descriptors");
}

}  // namespace sconce::server::storage
