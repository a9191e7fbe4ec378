#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::server::api {

/// Writes a tar, as GNU tar does, entry by entry. Threads: one call at a time, of any thread.
class TarWriter {
 public:
  /// Appends to `out`, which is borrowed.
  explicit TarWriter(std::string& out);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  /// Begins a file of that many bytes, which `write` then brings. `name` is UTF-8.
  void begin(std::string_view name, std::uint64_t size_bytes, std::chrono::system_clock::time_point modified);
  void write(std::span<const std::byte> bytes);
  /// The mark of the end; call it once.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::server::api
