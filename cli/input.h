#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "core/error.h"
#include "core/files/mapped_file.h"

namespace sconce::cli {

/// All bytes of a file: mapped if it is a regular one, read into memory if it is a pipe or a device. Threads: reading
/// is safe from many.
class Input {
 public:
  /// `-` is stdin. Errors: not_found, io_error.
  static core::Result<Input> open(const std::string& name);

  /// Valid as long as this object lives and is not moved.
  std::span<const std::byte> bytes() const { return mapped_ ? mapped_->bytes() : std::as_bytes(std::span(read_)); }

 private:
  static core::Result<Input> read_whole(int fd);

  std::shared_ptr<const core::MappedFile> mapped_;
  std::string read_;
};

}  // namespace sconce::cli
