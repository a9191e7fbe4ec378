#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "server/api/http_message.h"

namespace sconce::server::api {

/// A body as it is pulled. Threads: one.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// The next bytes, valid until the next call; empty at the end. Errors: io_error, if the rest will not come.
  virtual core::Result<std::span<const std::byte>> next() = 0;
};

/// For readers that ask for their input instead of being given it: runs one on a thread of its own. `put` returns when
/// the bytes have been read, so there is never more than one piece of the body in memory.
class PulledBody final : public RequestBody {
 public:
  /// Makes the answer of the body, on a thread of its own; it reads to the end of the body, unless it refuses.
  using Read = std::function<Response(BodyReader&)>;

  /// What reading takes, of a body that is there as a whole.
  using EffortOf = std::function<Effort(std::span<const std::byte>)>;

  PulledBody(Read read, EffortOf effort);
  /// Gone before the end, the reader is told that the rest will not come, and waited for.
  ~PulledBody() override;
  PulledBody(const PulledBody&) = delete;
  PulledBody& operator=(const PulledBody&) = delete;

  Effort effort(std::span<const std::byte> body) const override { return effort_(body); }
  std::expected<void, Response> put(std::span<const std::byte> bytes) override;
  Response finish() override;

 private:
  enum class State : std::uint8_t { wanting, given, ended, cut_off };  // of what the reader asks for
  class Reader;

  void run(const Read& read);
  Response answer();

  const EffortOf effort_;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::wanting;
  std::span<const std::byte> piece_;
  bool done_ = false;
  Response response_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace sconce::server::api
