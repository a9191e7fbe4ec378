#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/expected.h"
#include "server/http/message.h"

namespace sconce::server {

/// What serving a request takes, and so where it is served.
enum class Cost : std::uint8_t {
  immediate,  ///< Less than handing it to another thread: it neither waits nor becomes large.
  read,       ///< It waits for the disk at most to read from it.
  write,      ///< It may wait for a commit.
  bulk,       ///< What it is about may become much larger than its body.
};

/// A value, or the response that ends the request without it.
template <class T>
using OrResponse = core::Expected<T, Response>;

/// Called once, on any thread, when what was begun has ended.
using Completion = std::move_only_function<void()>;

/// Handles one request: takes its body as it comes, then makes the response. Calls come in the order `put`…,
/// `complete`, `store` if `stores`, `finish`. All may block, unless the request's cost is immediate. Threads: one at a
/// time.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  /// The next bytes of the body. Errors: the response, before all of the body has come.
  virtual OrResponse<void> put(std::span<const std::byte> bytes) = 0;
  /// The body has come: does what takes long and is left to do. Stores nothing, and does not wait for the disk.
  /// Errors: the response.
  virtual OrResponse<void> complete() { return {}; }
  /// Whether `store` is to be called between `complete` and `finish`, which then does not block.
  virtual bool stores() const { return false; }
  /// Stores what is to be stored, and calls `stored` when it is durable or has failed; possibly before this returns,
  /// and not if this throws. Blocks only on the bytes of large objects.
  virtual void store(Completion stored) { stored(); }
  virtual Response finish() = 0;
};

/// Errors: the response, before any of the body.
using HandlerOrResponse = OrResponse<std::unique_ptr<RequestHandler>>;

/// A request that its client may make, with all of its head read. Lifetime: outlived by the head; outlives its handler.
/// Threads: one at a time.
class PlannedRequest {
 public:
  virtual ~PlannedRequest() = default;
  /// What it takes if this is all of its body: by what the body can become, whatever is stored. Does not block.
  virtual Cost cost_of(std::span<const std::byte> body) const = 0;
  /// The whole response, if it needs nothing but what is in memory, and little work. `body` is all of the request's.
  /// Does not block. Nothing if that is not so, or not known; then `begin` is to be called.
  virtual std::optional<Response> answer_from_memory(std::string_view /*body*/) { return std::nullopt; }
  /// Begins to handle it; refuses what can be refused before the body. `body_bytes` is how many will come, if that is
  /// known. May block, unless the cost is immediate. Called once.
  virtual HandlerOrResponse begin(std::optional<std::uint64_t> body_bytes) = 0;
};

}  // namespace sconce::server
