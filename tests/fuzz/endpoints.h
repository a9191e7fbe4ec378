#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/classes/class_layout.h"
#include "server/api/api.h"
#include "server/storage/memory_store.h"
#include "tests/support/unlimited_memory.h"

namespace sconce::tests {

/// What a client sees of an answer.
struct Seen {
  unsigned status = 0;
  std::string body;
};

/// The endpoints over a store in memory, new and empty. Objects may have up to kObjectBytesMax, batches kEntriesMax.
/// Threads: one.
class Endpoints {
 public:
  static constexpr std::size_t kObjectBytesMax = std::size_t{4} << 20;
  static constexpr std::size_t kEntriesMax = 100;

  Endpoints();
  ~Endpoints();
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  server::storage::Store& store() { return *store_; }

  /// Stores an object under a key that is one.
  void put(std::string_view key, std::string_view bytes);

  /// A request to the end of its answer.
  Seen exchange(const server::RequestHead& head, std::string_view body, std::size_t split);

 private:
  /// Gives what has begun its body in two pieces, and reads the answer. Requires what holds of every answer: a status
  /// that does not say the server has failed, fields that are one line each, a problem document where it is refused,
  /// and a body that is as large as it says.
  Seen finish(server::HandlerOrResponse begun, std::string_view body, std::size_t split);

  std::unique_ptr<server::storage::StorageEngine> store_;
  std::unique_ptr<server::observe::Metrics> metrics_;
  server::api::OutlineCache outlines_{std::size_t{1} << 20};
  UnlimitedMemory memory_;
  server::api::ApiContext context_;
  const server::api::Access access_;
  server::api::Api api_;
};

}  // namespace sconce::tests
