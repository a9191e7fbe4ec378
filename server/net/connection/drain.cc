#include "server/net/connection/drain.h"

#include <algorithm>
#include <array>
#include <boost/asio/experimental/as_tuple.hpp>

namespace sconce::server::net {

namespace {

using boost::system::error_code;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kSkippedPieceBytes = 8 * 1024;

/// What nobody looks at, of all connections of this thread: each read is over before the next one begins.
asio::mutable_buffer dropped() {
  thread_local std::array<std::byte, kPieceBytes> bytes;
  return asio::buffer(bytes);
}

}  // namespace

Awaitable<void> Drain::run() {
  wait();
  co_await stream_.end_sending();
  error_code error;
  while (!error && Deadline::Clock::now() < end_) {
    wait();
    const auto [failed, size] = co_await stream_.async_discard_some(dropped(), AsTuple());
    error = failed;
  }
  deadline_.clear();
}

void Drain::hurry() {
  end_ = std::min(end_, Deadline::Clock::now() + kDrainOfStrangers.whole);
  wait();
}

void Drain::wait() { deadline_.set(std::min(end_, Deadline::Clock::now() + limits_.silence)); }

Awaitable<bool> skip_bytes(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, std::uint64_t bytes,
                           DrainLimits limits) {
  const std::size_t here = std::min<std::uint64_t>(bytes, buffer.size());
  buffer.consume(here);
  std::uint64_t left = bytes - here;
  const Deadline::Clock::time_point end = Deadline::Clock::now() + limits.whole;
  while (left > 0) {
    const auto room = buffer.prepare(std::min<std::uint64_t>(left, kSkippedPieceBytes));
    deadline.set(std::min(end, Deadline::Clock::now() + limits.silence));
    const auto [error, size] = co_await stream.async_read_some(room, AsTuple());
    deadline.clear();
    left -= size;
    if (error) co_return false;
  }
  co_return true;
}

}  // namespace sconce::server::net
