#include "server/api/batch/pulled_body.h"

#include <utility>

namespace sconce::server::api {

class PulledBody::Reader final : public BodyReader {
 public:
  explicit Reader(PulledBody& body) : body_(body) {}

  core::Result<std::span<const std::byte>> next() override {
    std::unique_lock lock(body_.mutex_);
    if (body_.state_ == State::given && given_) {
      body_.state_ = State::wanting;
      body_.changed_.notify_all();
    }
    body_.changed_.wait(lock, [this] { return body_.state_ != State::wanting; });
    if (body_.state_ == State::cut_off)
      return core::fail(core::ErrorCode::io_error, "the rest of the body did not come");
    given_ = body_.state_ == State::given;
    return given_ ? body_.piece_ : std::span<const std::byte>();
  }

 private:
  PulledBody& body_;
  bool given_ = false;  // the piece that is there is the reader's
};

PulledBody::PulledBody(Read read) : thread_([this, read = std::move(read)] { run(read); }) {}

PulledBody::~PulledBody() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::ended) state_ = State::cut_off;
  }
  changed_.notify_all();
  thread_.join();
}

proto::HttpResult<void> PulledBody::put(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  std::unique_lock lock(mutex_);
  if (!done_) {
    piece_ = bytes;
    state_ = State::given;
    changed_.notify_all();
    changed_.wait(lock, [this] { return state_ == State::wanting || done_; });
  }
  if (done_) return result();
  return {};
}

proto::HttpResult<void> PulledBody::end() {
  std::unique_lock lock(mutex_);
  state_ = State::ended;
  changed_.notify_all();
  changed_.wait(lock, [this] { return done_; });
  return result();
}

proto::HttpResult<void> PulledBody::result() {
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return std::move(result_);
}

/// What is thrown here is thrown again where the request is served.
void PulledBody::run(const Read& read) {
  Reader reader(*this);
  proto::HttpResult<void> result;
  std::exception_ptr failure;
  try {
    result = read(reader);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  result_ = std::move(result);
  failure_ = failure;
  done_ = true;
  changed_.notify_all();
}

}  // namespace sconce::server::api
