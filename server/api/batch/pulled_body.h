#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "core/error.h"
#include "proto/http/problem.h"

namespace sconce::server::api {

/// A body as it is pulled. Threads: one at a time.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// The next bytes, valid until the next call; empty at the end. Errors: io_error, if the rest will not come.
  virtual core::Result<std::span<const std::byte>> next() = 0;
};

/// For readers that ask for their input instead of being given it: runs one on a thread of its own. `put` returns when
/// the bytes have been read, so there is never more than one piece of the body in memory. Lifetime: bytes only last for
/// the call of `put`. Threads: one at a time.
class PulledBody {
 public:
  /// Reads to the end of the body, unless it refuses; on a thread of its own. What it throws, `put` or `end` throws.
  using Read = std::function<proto::HttpResult<void>(BodyReader&)>;

  explicit PulledBody(Read read);
  /// If the body has not ended, the reader is told that the rest will not come, and waited for.
  ~PulledBody();
  PulledBody(const PulledBody&) = delete;
  PulledBody& operator=(const PulledBody&) = delete;

  /// Errors: the reader's, which has ended with it.
  proto::HttpResult<void> put(std::span<const std::byte> bytes);
  /// All has been put; waits for the reader to end. Errors: the reader's.
  proto::HttpResult<void> end();

 private:
  enum class State : std::uint8_t { wanting, given, ended, cut_off };  // of what the reader asks for
  class Reader;

  void run(const Read& read);
  proto::HttpResult<void> result();

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::wanting;
  std::span<const std::byte> piece_;
  bool done_ = false;
  proto::HttpResult<void> result_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace sconce::server::api
