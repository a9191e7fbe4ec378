#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "server/api/batch/pulled_body.h"

namespace sconce::server::api {

/// What stands in a tar beside its bytes.
struct TarEntry {
  enum class Kind : std::uint8_t { file, directory, hard_link, symbolic_link, other };
  std::string name;  // as it came, so not always UTF-8
  Kind kind = Kind::other;
  std::uint64_t size_bytes = 0;
};

/// Reads a tar (ustar, GNU, pax), not compressed, entry by entry while it comes, in libarchive's blocks. Stricter than
/// tar itself: no holes in files, an end that is marked, and nothing behind it; so a tar that was cut off is an error
/// wherever the cut is. Threads: the one that makes it, whose locale is UTF-8 while it exists.
class TarReader {
 public:
  /// `body` is borrowed.
  explicit TarReader(BodyReader& body);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// The next entry; what was not read of the one before is skipped. Nothing at the end, all of the body then has been
  /// read. Errors: malformed, truncated, io_error.
  core::Result<std::optional<TarEntry>> next();

  /// The next bytes of the entry, valid until the next call; empty at its end. Errors: the same.
  core::Result<std::span<const std::byte>> read();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::server::api
