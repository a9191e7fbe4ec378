#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/bytes/byte_sink.h"
#include "core/memory_pool.h"
#include "server/http/message.h"

namespace sconce::server::api {

/// Bytes that were made for an answer, in blocks, so that they grow without being copied. The first two blocks are in
/// what is counted of each answer of several pieces; further ones are drawn from the memory of all requests
/// before they are made. Lifetime: the pool is borrowed. Threads: one at a time. Errors: overloaded.
class MadeBytes final : public core::ByteSink {
 public:
  static constexpr std::size_t kBlockBytes = 1 << 20;

  explicit MadeBytes(core::MemoryPool* pool) : drawn_(pool) {}

  /// About so many will come. Before the first `write`.
  void expect(std::uint64_t bytes) { expected_bytes_ = bytes; }
  core::Status write(std::span<const std::byte> bytes) override;

  std::uint64_t size_bytes() const { return size_bytes_; }
  /// Those from `offset` on that lie together; empty at the end. The span lasts until `write` or `clear`.
  std::span<const std::byte> from(std::uint64_t offset) const;
  /// Keeps one block for what follows.
  void clear();

  /// Of what is not drawn from the pool.
  std::uint64_t undrawn_bytes() const;

 private:
  core::Status add_block();

  core::Drawn drawn_;
  std::uint64_t expected_bytes_ = 0;
  std::vector<std::string> blocks_;  // all but the last are full
  std::uint64_t size_bytes_ = 0;
};

/// A body of which all has been made.
std::unique_ptr<BodySource> source_of(MadeBytes made);

}  // namespace sconce::server::api
