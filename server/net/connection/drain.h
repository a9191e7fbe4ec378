#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>

#include "server/net/connection/deadline.h"
#include "server/net/connection/stream.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// How long a client that was refused may go on sending, so that it comes to read its answer: a socket that is closed
/// with bytes unread is reset, and a reset takes back what was sent.
struct DrainLimits {
  std::chrono::milliseconds whole;
  std::chrono::milliseconds silence;  ///< Without a byte.
};

/// A client that the server knows may have a long body under way, on a slow link.
inline constexpr DrainLimits kDrainOfKnown = {.whole = std::chrono::seconds(30), .silence = std::chrono::seconds(5)};
inline constexpr DrainLimits kDrainOfStrangers = {.whole = std::chrono::seconds(2), .silence = std::chrono::seconds(2)};

/// Tells the client that nothing more comes, and then reads and drops what it sends, until it ends the connection. What
/// is dropped costs no memory. Lifetime: `stream` and `deadline` are borrowed. Threads: the stream's.
class Drain {
 public:
  Drain(Stream& stream, Deadline& deadline, const DrainLimits& limits)
      : stream_(stream), deadline_(deadline), limits_(limits), end_(Deadline::Clock::now() + limits.whole) {}
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  Awaitable<void> run();

  /// There is no more time left than a stranger has: the server stops.
  void hurry();

 private:
  void wait();

  Stream& stream_;
  Deadline& deadline_;
  const DrainLimits limits_;
  Deadline::Clock::time_point end_;
};

/// Reads and drops the `bytes` that come next, those in `buffer` first. Returns whether they have come; then the
/// connection can go on. Lifetime: all are borrowed.
Awaitable<bool> skip_bytes(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, std::uint64_t bytes,
                           DrainLimits limits);

}  // namespace sconce::server::net
