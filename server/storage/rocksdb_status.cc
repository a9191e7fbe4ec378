#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

core::ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return core::ErrorCode::corrupt;
  if (status.IsNoSpace()) return core::ErrorCode::no_space;
  // What the database says once it has stopped writing, and one that could only be opened to be read.
  if (status.severity() >= rocksdb::Status::kHardError || status.IsNotSupported()) return core::ErrorCode::unavailable;
  return core::ErrorCode::io_error;
}

}  // namespace

core::Error error_from(const rocksdb::Status& status, std::string_view doing) {
  return {.code = code_of(status), .what = std::string(doing) + ": " + status.ToString()};
}

std::unexpected<core::Error> not_open() {
  return core::fail(core::ErrorCode::unavailable, "the database could not be opened again after its disk was full");
}

}  // namespace sconce::server::storage
