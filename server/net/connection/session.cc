#include "server/net/connection/session.h"

#include <algorithm>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cassert>
#include <optional>

#include "server/net/connection/body_pieces.h"
#include "server/net/connection/deadline.h"
#include "server/net/connection/drain.h"
#include "server/net/connection/head_reader.h"
#include "server/net/connection/refusals.h"
#include "server/net/connection/request_head.h"
#include "server/net/connection/response_writer.h"
#include "server/net/run_on.h"

namespace sconce::server::net {

namespace {

namespace http = beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

// A body up to this size is read whole before the request begins, and goes to a worker once.
constexpr std::uint64_t kWholeBodyBytesMax = 64 * 1024;
// A larger one comes in pieces of this size, whole chunks of the store, so that none is copied to be cut again.
constexpr std::size_t kBodyPieceBytes = 512 * 1024;
// What is left comes at once, up to this size: a piece is a trip to a bulk thread.
constexpr std::size_t kLastPieceBytesMax = 2 * kBodyPieceBytes + 64 * 1024;
// What the store holds of such a body beside the piece: a chunk, and the same in a block.
constexpr std::uint64_t kChunkHeldBytes = 512 * 1024;
// And an answer of more than one piece.
constexpr std::uint64_t kAnswerHeldBytes = 2 << 20;
constexpr std::uint64_t kSmallAnswerBytesMax = 16 * 1024;
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

/// The body of a request, which has yet to come.
struct ComingBody {
  explicit ComingBody(const HeadParser& parser) {
    if (!parser.chunked()) size_bytes = parser.content_length().value_or(0);
    const bool expects = parser.get().version() == 11 && parser.get().count(http::field::expect) > 0;
    waits = expects && size_bytes != 0;
  }

  std::optional<std::uint64_t> size_bytes;  // nothing: it comes in chunks
  bool waits = false;                       // the client sends it once it is told to
};

/// `left_bytes` where that is known.
std::size_t next_piece_bytes(std::optional<std::uint64_t> left_bytes) {
  return left_bytes && *left_bytes <= kLastPieceBytesMax ? *left_bytes : kBodyPieceBytes;
}

/// The largest of them.
std::size_t piece_bytes_max(std::optional<std::uint64_t> body_bytes) {
  return body_bytes ? std::min<std::uint64_t>(*body_bytes, kLastPieceBytesMax) : kBodyPieceBytes;
}

class Session final : public Connection {
 public:
  Session(Socket socket, ConnectionGate::Place place, const SessionContext& context, Connections& connections)
      : place_(std::move(place)),
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
    const auto place = context_.drains.admit(place_.network());
    if (!place) context_.metrics.limit_reached(observe::Limit::drains);
    if (!place) co_return;
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
    client_ = context_.api.asks_for_tokens() ? Client::stranger : Client::known;
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
    proto::Answer<api::RequestHead> head = request_head_of(parser.get(), stream_.is_tls());
    if (!head) co_return co_await refuse(head.error());
    framing_.request_version = parser.get().version();
    framing_.keep_alive = would_go_on(parser.get());
    const ComingBody coming(parser);
    co_return co_await admit(*head, coming);
  }

  /// Whether the client may make the request is told by its head. Before that, nothing of the body is waited for, and
  /// no memory taken.
  Awaitable<Next> admit(const api::RequestHead& head, ComingBody coming) {
    counted_.method = head.method;
    const proto::Answer<void> is_ours = check_site(head);
    if (!is_ours) return refuse_admission(head, coming, is_ours.error());
    proto::Answer<api::Admitted> admitted = context_.api.admit(head);
    if (!admitted) return refuse_admission(head, coming, admitted.error());
    counted_.endpoint = admitted->endpoint;
    if (admitted->is_known) client_ = Client::known;
    if (coming.size_bytes == 0) {
      if (auto answer = answer_from_memory(head, *admitted, {})) return write(std::move(*answer));
    }
    return serve(head, std::move(*admitted), coming);
  }

  proto::Answer<void> check_site(const api::RequestHead& head) {
    const std::string_view host = head.value_of("host");
    if (host != host_) {
      if (auto checked = context_.sites.check_host(host); !checked) return checked;
      host_ = host;
    }
    return context_.sites.check_origin(head, stream_.is_tls());
  }

  Awaitable<Next> refuse_admission(const api::RequestHead& head, ComingBody coming, const proto::Problem& problem) {
    counted_.endpoint = proto::endpoint_at(head.method, head.path);
    if (context_.api.knows(head)) client_ = Client::known;
    return refuse_unread(answer_of(api::response_of(problem)), coming);
  }

  Awaitable<Next> serve(const api::RequestHead& head, api::Admitted admitted, ComingBody coming) {
    const std::uint64_t claimed = coming.size_bytes.value_or(0);
    if (claimed > context_.options.body_bytes_max)
      co_return co_await refuse(body_too_large(context_.options.body_bytes_max));
    const bool whole = coming.size_bytes && claimed <= kWholeBodyBytesMax && !coming.waits;
    if (!whole) co_return co_await serve_in_pieces(head, std::move(admitted), coming);
    if (workers_for(head).jobs() >= context_.options.requests_max) {
      co_return co_await refuse_overload(observe::Limit::requests, coming);
    }
    const std::optional<MemoryBudget::Share> share = context_.memory.take(claimed, client_);
    if (!share) co_return co_await refuse_overload(observe::Limit::memory, coming);
    std::string body;
    if (claimed > 0) {
      const std::optional<Next> ended = co_await read_whole_body(claimed, body);
      if (ended) co_return *ended;
      if (auto answer = answer_from_memory(head, admitted, body)) co_return co_await write(std::move(*answer));
    }
    co_return co_await serve_whole(head, std::move(admitted), body);
  }

  std::optional<Answer> answer_from_memory(const api::RequestHead& head, const api::Admitted& admitted,
                                           std::string_view body) const {
    std::optional<api::Response> response = context_.api.answer_from_memory(head, admitted, body);
    return response ? std::optional(answer_of(std::move(*response))) : std::nullopt;
  }

  /// Nothing: the body is there.
  Awaitable<std::optional<Next>> read_whole_body(std::uint64_t size_bytes, std::string& body) {
    body.resize(size_bytes);
    BodyPieces pieces(stream_, deadline_, buffer_, size_bytes, body_limits());
    const BodyPieces::Piece piece = co_await pieces.next(std::as_writable_bytes(std::span(body)));
    counted_.request_body_bytes = piece.size_bytes;
    if (piece.error) co_return co_await refuse_body(piece);
    co_return std::nullopt;
  }

  BodyPieces::Limits body_limits() const {
    return {.bytes_max = context_.options.body_bytes_max,
            .pace = {.grace = milliseconds(context_.options.body_timeout_ms),
                     .bytes_per_second_min = context_.options.bytes_per_second_min}};
  }

  Awaitable<Next> serve_whole(const api::RequestHead& head, api::Admitted admitted, const std::string& body) {
    const std::span<const std::byte> bytes = std::as_bytes(std::span(body));
    std::unique_ptr<api::RequestBody> request;
    std::optional<Answer> answer;
    api::Effort effort = api::Effort::usual;
    const auto begin = [&] {
      api::Begun begun = context_.api.begin(head, std::move(admitted), body.size());
      if (!begun) answer = answer_of(std::move(begun.error()));
      else request = std::move(*begun);
      if (request) effort = request->effort(bytes);
    };
    if (context_.api.begins_at_once(head, admitted, body.size())) begin();
    std::function<void(Told)> handle = [&](Told told) {
      if (!request) begin();
      if (answer || effort == api::Effort::much) return told();
      answer = take_piece(*request, bytes, true);
      carry_out(*request, answer, std::move(told));
    };
    const bool is_left = !answer && effort != api::Effort::much;
    const bool here = effort == api::Effort::little;
    if (is_left) co_await run_until_told(context_.workers, workers_for(head), here, handle);
    if (answer) co_return co_await write(std::move(*answer));
    if (effort == api::Effort::much) co_return co_await take_whole(request, bytes);
    answer = answer_of(request->finish());
    co_return co_await write(std::move(*answer));
  }

  /// Of a body that is small, and becomes large.
  Awaitable<Next> take_whole(std::unique_ptr<api::RequestBody>& request, std::span<const std::byte> body) {
    std::optional<Answer> refusal;
    std::function<void()> take = [&] {
      refusal = take_piece(*request, body, true);
      if (refusal) request.reset();
    };
    co_await run_on(context_.workers.bulk(), take);
    if (refusal) co_return co_await write(std::move(*refusal));
    co_return co_await finish(*request);
  }

  /// All of it has come.
  Awaitable<Next> finish(api::RequestBody& request) {
    std::optional<Answer> answer;
    std::function<void(Told)> carry = [&](Told told) { carry_out(request, answer, std::move(told)); };
    co_await run_until_told(context_.workers, context_.workers.writes(), false, carry);
    if (!answer) answer = answer_of(request.finish());
    co_return co_await write(std::move(*answer));
  }

  /// What follows when a request is complete, unless it has its answer. Still without one, it is to be finished.
  void carry_out(api::RequestBody& request, std::optional<Answer>& answer, Told told) const {
    if (!answer && request.stores()) return request.store(std::move(told));
    if (!answer) answer = answer_of(request.finish());
    told();
  }

  WorkQueue& workers_for(const api::RequestHead& head) {
    const bool reads = head.method == "GET" || head.method == "HEAD";
    return reads ? context_.workers.reads() : context_.workers.writes();
  }

  /// Refuses before the body is read, if that can be told; says to a client that waits for it that it may send.
  Awaitable<Next> serve_in_pieces(const api::RequestHead& head, api::Admitted admitted, ComingBody coming) {
    if (context_.workers.writes().jobs() >= context_.options.requests_max) {
      co_return co_await refuse_overload(observe::Limit::requests, coming);
    }
    const std::size_t held_bytes = piece_bytes_max(coming.size_bytes) + kChunkHeldBytes;
    const std::optional<MemoryBudget::Share> share = context_.memory.take(held_bytes, client_);
    if (!share) co_return co_await refuse_overload(observe::Limit::memory, coming);
    std::optional<api::Begun> begun;
    std::function<void()> begin = [&] { begun = context_.api.begin(head, std::move(admitted), coming.size_bytes); };
    co_await run_on(context_.workers.writes(), begin);
    if (!*begun) co_return co_await refuse_with(answer_of(std::move(begun->error())));
    if (coming.waits && !co_await say_continue()) co_return Next::ends;
    BodyPieces pieces(stream_, deadline_, buffer_, coming.size_bytes, body_limits());
    co_return co_await take_pieces(pieces, **begun);
  }

  Awaitable<bool> say_continue() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    deadline_.set(Deadline::Clock::now() + milliseconds(context_.options.write_timeout_ms));
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(kContinue), AsTuple());
    deadline_.clear();
    co_return !error;
  }

  /// Gives the body to the request piece by piece; what the request has not taken is not read, so that a client sends
  /// no faster than the store takes. A request that fails is gone before that is said: it has files to remove, whose
  /// space the client may count on.
  Awaitable<Next> take_pieces(BodyPieces& pieces, std::unique_ptr<api::RequestBody>& request) {
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(piece_bytes_max(pieces.left_bytes()));
    while (true) {
      const std::size_t wanted = next_piece_bytes(pieces.left_bytes());
      const BodyPieces::Piece piece = co_await pieces.next({buffer.get(), wanted});
      if (piece.error || piece.refusal) {
        std::function<void()> end = [&] { request.reset(); };
        co_await run_on(context_.workers.writes(), end);
        co_return co_await refuse_body(piece);
      }
      counted_.request_body_bytes += piece.size_bytes;
      const std::span<const std::byte> bytes(buffer.get(), piece.size_bytes);
      std::optional<Answer> refusal;
      std::function<void()> take = [&] {
        refusal = take_piece(*request, bytes, piece.is_last);
        if (refusal) request.reset();
      };
      co_await run_on(context_.workers.bulk(), take);
      if (refusal && !piece.is_last) co_return co_await refuse_with(std::move(*refusal));
      if (refusal) co_return co_await write(std::move(*refusal));
      if (piece.is_last) break;
    }
    co_return co_await finish(*request);
  }

  /// On a bulk thread, or a worker. What it returns is an answer before the request was carried out.
  std::optional<Answer> take_piece(api::RequestBody& request, std::span<const std::byte> bytes, bool is_last) const {
    std::expected<void, api::Response> taken = request.put(bytes);
    if (taken && is_last) taken = request.complete();
    if (taken) return std::nullopt;
    return answer_of(std::move(taken.error()));
  }

  /// On a worker, unless all of it is in memory.
  Answer answer_of(api::Response response) const {
    return net::answer_of(std::move(response), framing_.to_head, context_.log);
  }

  /// The body cannot be read.
  Awaitable<Next> refuse_body(const BodyPieces::Piece& piece) {
    if (piece.refusal) co_return co_await refuse(*piece.refusal);
    if (!deadline_.passed()) co_return Next::ends;
    context_.metrics.limit_reached(observe::Limit::body_rate);
    co_return co_await refuse(body_too_slow());
  }

  Awaitable<Next> refuse(const proto::Problem& problem) { return refuse_with(answer_of(api::response_of(problem))); }

  Awaitable<Next> refuse_overload(observe::Limit limit, ComingBody coming) {
    context_.metrics.limit_reached(limit);
    return refuse_unread(answer_of(overloaded()), coming);
  }

  /// Answers without having read anything of the body. If that is small, it is not worth the connection.
  Awaitable<Next> refuse_unread(Answer answer, ComingBody coming) {
    const bool can_skip = coming.size_bytes && *coming.size_bytes <= kWholeBodyBytesMax && !coming.waits;
    if (!can_skip || !framing_.keep_alive) co_return co_await refuse_with(std::move(answer));
    const Next next = co_await write(std::move(answer));
    if (next != Next::goes_on) co_return next;
    const DrainLimits limits = drain_limits();
    const bool skipped = co_await skip_bytes(stream_, deadline_, buffer_, *coming.size_bytes, limits);
    co_return skipped ? Next::goes_on : Next::ends;
  }

  /// Answers without having read all of the request, and ends the connection.
  Awaitable<Next> refuse_with(Answer answer) {
    framing_.keep_alive = false;
    const ResponseWriter::Written written = co_await send(answer);
    co_return written.failed ? Next::ends : Next::drains;
  }

  Awaitable<Next> write(Answer answer) {
    const ResponseWriter::Written written = co_await send(answer);
    co_return written.whole&& written.keep_alive ? Next::goes_on : Next::ends;
  }

  /// Every request that is answered ends here.
  Awaitable<ResponseWriter::Written> send(Answer& answer) {
    framing_.keep_alive = framing_.keep_alive && !connections_.stopping();
    const std::optional<MemoryBudget::Share> share = context_.memory.take(held_bytes(answer), client_);
    if (!share) {
      context_.metrics.limit_reached(observe::Limit::memory);
      answer = answer_of(overloaded());
    }
    const ResponseWriter::Written written = co_await writer_.write(answer, framing_);
    count(answer.response.status, written.body_bytes);
    co_return written;
  }

  /// What an answer holds in memory while it is sent. Small ones count nothing, so that failures can be told, and the
  /// server's health, when there is no memory left.
  std::uint64_t held_bytes(const Answer& answer) const {
    if (answer.response.body == nullptr || framing_.to_head) return 0;
    const std::optional<std::uint64_t> size = answer.response.body->size_bytes();
    if (!size || *size > answer.first.bytes.size()) return kAnswerHeldBytes;
    return *size > kSmallAnswerBytesMax ? *size : 0;
  }

  void count(unsigned status, std::uint64_t sent_bytes) {
    counted_.status = status;
    counted_.response_body_bytes = sent_bytes;
    counted_.duration = std::chrono::steady_clock::now() - began_;
    context_.metrics.count(counted_);
  }

  const ConnectionGate::Place place_;
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

Awaitable<void> serve_connection(Socket socket, ConnectionGate::Place place, SessionContext context,
                                 Connections& connections) {
  Session session(std::move(socket), std::move(place), context, connections);
  co_await session.run();
}

}  // namespace sconce::server::net
