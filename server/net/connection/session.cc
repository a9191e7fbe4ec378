#include "server/net/connection/session.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <cassert>
#include <optional>

#include "server/net/connection/deadline.h"
#include "server/net/connection/drain.h"
#include "server/net/connection/head_reader.h"
#include "server/net/connection/refusals.h"
#include "server/net/connection/request_body_loop.h"
#include "server/net/connection/request_head.h"
#include "server/net/connection/response_writer.h"

namespace sconce::server::net {

namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

// What a connection keeps of its buffer between requests: what its next head is read into.
constexpr std::size_t kIdleBufferBytesMax = 8 * 1024;
// For the end of a connection to be told.
constexpr milliseconds kEndTime(2000);

// Room for a head, and then for what comes between two chunks of a body.
constexpr std::size_t kBufferBytes = 64 * 1024;

/// What becomes of a connection after a request.
enum class Next : std::uint8_t {
  goes_on,
  ends,
  drains,  ///< It ends, and the client may still be sending what was refused.
};

class Session final : public Connection {
 public:
  Session(Socket socket, ConnectionGate::Permit permit, const SessionContext& context, Connections& connections)
      : permit_(std::move(permit)),
        stream_(std::move(socket), context.tls != nullptr ? context.tls->new_session() : nullptr),
        deadline_(stream_.get_executor(), [this] { stream_.cancel(); }),
        context_(context),
        connections_(connections),
        buffer_(kBufferBytes),
        writer_(stream_, deadline_, context_) {
    assert(context.options.header_bytes_max < kBufferBytes);
    connections_.add(*this);
    context_.metrics.connection_opened();
  }
  ~Session() override {
    connections_.remove(*this);
    context_.metrics.connection_closed();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void close_if_idle() override {
    if (idle_) stream_.stop_reading();
    if (drain_) drain_->hurry();
  }

  Awaitable<void> run() {
    error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    Next next = co_await shake_hands();
    while (next == Next::goes_on && !connections_.stopping()) next = co_await serve_request();
    if (next == Next::drains) co_await drain();
    deadline_.set(Deadline::Clock::now() + kEndTime);
    co_await stream_.end_sending();
    deadline_.clear();
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }

 private:
  using Client = MemoryBudget::Client;

  /// Unless it goes on, it is no TLS that this server takes.
  Awaitable<Next> shake_hands() {
    if (!stream_.is_tls()) co_return Next::goes_on;
    deadline_.set(Deadline::Clock::now() + milliseconds(context_.options.handshake_timeout_ms));
    const error_code error = co_await stream_.handshake();
    deadline_.clear();
    if (!error) co_return Next::goes_on;
    if (!connections_.stopping()) context_.metrics.tls_handshake_failed();
    co_return Next::drains;
  }

  /// Of what the request held in memory nothing is left by now.
  Awaitable<void> drain() {
    buffer_.clear();
    buffer_.shrink_to_fit();
    const auto permit = context_.drains.admit(permit_.network());
    if (!permit) context_.metrics.limit_reached(observe::Limit::drains);
    if (!permit) co_return;
    drain_.emplace(stream_, deadline_, drain_limits());
    if (connections_.stopping()) drain_->hurry();
    co_await drain_->run();
    drain_.reset();
  }

  DrainLimits drain_limits() const { return client_ == Client::known ? kDrainOfKnown : kDrainOfStrangers; }

  /// Reads one request and answers it.
  Awaitable<Next> serve_request() {
    framing_ = {};
    counted_ = {};
    client_ = context_.handler.asks_for_tokens() ? Client::stranger : Client::known;
    if (buffer_.size() == 0 && buffer_.capacity() > kIdleBufferBytesMax) buffer_.shrink_to_fit();
    HeadParser parser;
    parser.body_limit(boost::none);
    const HeadLimits limits{.bytes_max = context_.options.header_bytes_max,
                            .idle = milliseconds(context_.options.idle_timeout_ms),
                            .whole = milliseconds(context_.options.header_timeout_ms)};
    const HeadRead read = co_await read_head(stream_, deadline_, buffer_, parser, limits, idle_);
    began_ = std::chrono::steady_clock::now();
    if (read.error) co_return Next::ends;
    framing_.to_head = read.to_head;
    if (read.refusal) {
      if (deadline_.passed()) context_.metrics.limit_reached(observe::Limit::header_time);
      co_return co_await refuse(*read.refusal);
    }
    proto::HttpResult<RequestHead> head = request_head_of(parser.get(), stream_.is_tls());
    if (!head) co_return co_await refuse(head.error());
    framing_.request_version = parser.get().version();
    framing_.keep_alive = would_go_on(parser.get());
    const IncomingBody body(parser);
    co_return co_await admit(*head, body);
  }

  /// What the head says is decided before anything of the body is waited for, or memory taken.
  Awaitable<Next> admit(const RequestHead& head, IncomingBody body) {
    counted_.method = head.method;
    const proto::HttpResult<void> is_ours = check_site(head);
    Plan plan = context_.handler.plan(head);
    counted_.endpoint = plan.endpoint;
    if (plan.client_is_known) client_ = Client::known;
    if (!is_ours) return refuse_unread(answer_of(response_of(is_ours.error())), body);
    if (!plan.request) return refuse_unread(answer_of(response_of(plan.request.error())), body);
    if (body.size_bytes == 0) {
      std::optional<Response> response = (*plan.request)->answer_from_memory({});
      if (response) return write(answer_of(std::move(*response)));
    }
    return serve(std::move(plan), body);
  }

  proto::HttpResult<void> check_site(const RequestHead& head) {
    const std::string_view host = head.value_of("host");
    if (host != host_) {
      if (auto checked = context_.sites.check_host(host); !checked) return checked;
      host_ = host;
    }
    return context_.sites.check_origin(head, stream_.is_tls());
  }

  Awaitable<Next> serve(Plan plan, IncomingBody body) {
    const std::uint64_t bytes_max = context_.options.body_bytes_max;
    if (body.size_bytes.value_or(0) > bytes_max) co_return co_await refuse(body_too_large(bytes_max));
    const WorkQueue& queue = context_.workers.queue_for(body.is_read_whole() ? plan.cost : Cost::write);
    if (queue.jobs() >= context_.options.requests_max) {
      co_return co_await refuse_overload(observe::Limit::requests, body);
    }
    RequestOutcome outcome;
    {
      // Given back before the answer is sent: a client that has the answer may count on it.
      const std::optional<MemoryBudget::Share> share = context_.memory.take(body.held_bytes(), client_);
      if (!share) co_return co_await refuse_unread(answer_of(overloaded()), body);
      RequestBodyLoop loop(stream_, deadline_, buffer_, context_, plan, framing_.to_head);
      outcome = co_await loop.run(body);
      counted_.request_body_bytes = loop.body_bytes();
    }
    if (!outcome.answer) co_return Next::ends;
    if (outcome.is_unread) co_return co_await refuse_with(std::move(*outcome.answer));
    co_return co_await write(std::move(*outcome.answer));
  }

  /// On a worker, unless all of it is in memory.
  Answer answer_of(Response response) const {
    return net::answer_of(std::move(response), framing_.to_head, context_.log);
  }

  Awaitable<Next> refuse(const proto::Problem& problem) { return refuse_with(answer_of(response_of(problem))); }

  Awaitable<Next> refuse_overload(observe::Limit limit, IncomingBody body) {
    context_.metrics.limit_reached(limit);
    return refuse_unread(answer_of(overloaded()), body);
  }

  /// Answers without having read anything of the body. If that is small, it is not worth the connection.
  Awaitable<Next> refuse_unread(Answer answer, IncomingBody body) {
    if (body.size_bytes == 0) co_return co_await write(std::move(answer));
    if (!body.is_read_whole() || !framing_.keep_alive) co_return co_await refuse_with(std::move(answer));
    const Next next = co_await write(std::move(answer));
    if (next != Next::goes_on) co_return next;
    const DrainLimits limits = drain_limits();
    const bool skipped = co_await skip_bytes(stream_, deadline_, buffer_, *body.size_bytes, limits);
    co_return skipped ? Next::goes_on : Next::ends;
  }

  /// Answers without having read all of the request, and ends the connection.
  Awaitable<Next> refuse_with(Answer answer) { return send(std::move(answer), true); }

  Awaitable<Next> write(Answer answer) { return send(std::move(answer), false); }

  /// Every request that is answered ends here.
  Awaitable<Next> send(Answer answer, bool is_unread) {
    framing_.keep_alive = framing_.keep_alive && !is_unread && !connections_.stopping();
    using Share = std::optional<MemoryBudget::Share>;
    const std::uint64_t bytes = counted_bytes(answer, framing_.to_head);
    Share share = bytes == 0 ? Share() : context_.memory.take(bytes, client_);
    if (bytes > 0 && !share) answer = answer_of(overloaded());
    const ResponseWriter::Written written = co_await writer_.write(answer, framing_, share ? &*share : nullptr);
    count(answer.response.status, written.body_bytes);
    if (is_unread) co_return written.failed ? Next::ends : Next::drains;
    co_return written.whole&& written.keep_alive ? Next::goes_on : Next::ends;
  }

  void count(unsigned status, std::uint64_t sent_bytes) {
    counted_.status = status;
    counted_.response_body_bytes = sent_bytes;
    counted_.duration = std::chrono::steady_clock::now() - began_;
    context_.metrics.count(counted_);
  }

  const ConnectionGate::Permit permit_;
  Stream stream_;
  Deadline deadline_;
  const SessionContext context_;
  Connections& connections_;
  beast::flat_buffer buffer_;
  observe::AnsweredRequest counted_;  // the one under way; its method is the head's
  std::chrono::steady_clock::time_point began_;
  ResponseWriter writer_;
  Framing framing_;  // of the answer to the request under way
  Client client_ = Client::stranger;
  std::string host_;            // that the last request named; it is this server's
  std::optional<Drain> drain_;  // while it is under way
  bool idle_ = true;
};

}  // namespace

Awaitable<void> serve_connection(Socket socket, ConnectionGate::Permit permit, SessionContext context,
                                 Connections& connections) {
  Session session(std::move(socket), std::move(permit), context, connections);
  co_await session.run();
}

}  // namespace sconce::server::net
