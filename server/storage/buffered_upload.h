#pragma once

#include <string>

#include "server/storage/content_hasher.h"
#include "server/storage/store.h"

namespace sconce::server::storage {

/// An upload that holds its bytes in memory, hashed as they come. Threads: one at a time.
class BufferedUpload final : public Upload {
 public:
  BufferedUpload(std::uint64_t bytes_max, std::optional<std::uint64_t> size_hint);
  Status write(std::span<const std::byte> bytes) override;
  Status spool() override { return {}; }
  void describe(std::string description) override { description_ = std::move(description); }

  const std::string& bytes() const { return bytes_; }
  std::string take_description() { return std::move(description_); }
  std::string take_bytes() { return std::move(bytes_); }
  ContentHash content_hash() const { return hasher_.digest(); }

 private:
  std::uint64_t bytes_max_;
  std::string bytes_;
  std::string description_;
  ContentHasher hasher_;
};

}  // namespace sconce::server::storage
