#include "server/net/session.h"

#include <algorithm>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cassert>
#include <optional>
#include <tuple>

#include "server/net/body_pieces.h"
#include "server/net/deadline.h"
#include "server/net/head_reader.h"
#include "server/net/refusals.h"
#include "server/net/request_head.h"
#include "server/net/response_writer.h"
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
// After a refusal the rest of the body is read and dropped, so that the client gets to see the answer; within these
// bounds.
constexpr std::uint64_t kDrainBytesMax = 16 << 20;
constexpr std::size_t kDrainPieceBytes = 64 * 1024;
constexpr milliseconds kDrainTime(2000);

// Room for a head, and then for what comes between two chunks of a body.
constexpr std::size_t kBufferBytes = 64 * 1024;

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
  }

  Awaitable<void> run() {
    error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    bool more = co_await shake_hands();
    while (more && !connections_.stopping()) more = co_await serve_request();
    deadline_.set(Deadline::Clock::now() + kDrainTime);
    co_await stream_.end_sending();
    deadline_.clear();
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }

 private:
  /// False: it is no TLS that this server takes, and the connection ends.
  Awaitable<bool> shake_hands() {
    if (!stream_.is_tls()) co_return true;
    deadline_.set(Deadline::Clock::now() + milliseconds(context_.options.handshake_timeout_ms));
    const error_code error = co_await stream_.handshake();
    deadline_.clear();
    if (!error) co_return true;
    if (!connections_.stopping()) context_.metrics.tls_handshake_failed();
    co_await drain();
    co_return false;
  }

  /// Reads one request and answers it. False: the connection ends.
  Awaitable<bool> serve_request() {
    framing_ = {};
    counted_ = {};
    if (buffer_.size() == 0 && buffer_.capacity() > kIdleBufferBytesMax) buffer_.shrink_to_fit();
    HeadParser parser;
    parser.body_limit(boost::none);
    const HeadLimits limits{.bytes_max = context_.options.header_bytes_max,
                            .idle = milliseconds(context_.options.idle_timeout_ms),
                            .whole = milliseconds(context_.options.header_timeout_ms)};
    const HeadRead read = co_await read_head(stream_, deadline_, buffer_, parser, limits, idle_);
    began_ = std::chrono::steady_clock::now();
    if (read.error) co_return false;
    framing_.to_head = read.to_head;
    if (read.refusal) {
      if (deadline_.passed()) context_.metrics.limit_reached(observe::Limit::header_time);
      co_return co_await refuse(*read.refusal);
    }
    proto::Answer<api::RequestHead> head = request_head_of(parser.get(), stream_.is_tls());
    if (!head) co_return co_await refuse(head.error());
    co_return co_await serve(*head, std::move(parser));
  }

  Awaitable<bool> serve(const api::RequestHead& head, HeadParser&& parser) {
    counted_.endpoint = proto::endpoint_at(head.method, head.path);
    counted_.method = head.method;
    const unsigned version = parser.get().version();
    framing_.request_version = version;
    framing_.keep_alive = would_go_on(parser.get());
    const std::uint64_t claimed = parser.content_length().value_or(0);
    if (claimed > context_.options.body_bytes_max)
      co_return co_await refuse(body_too_large(context_.options.body_bytes_max));
    const bool waits = version == 11 && parser.get().count(http::field::expect) > 0;
    const bool whole = !parser.chunked() && claimed <= kWholeBodyBytesMax && !(waits && claimed > 0);
    if (!whole) co_return co_await serve_in_pieces(head, std::move(parser), waits);
    if (claimed == 0) {
      if (auto answer = answer_from_memory(head, {})) co_return co_await write(*answer);
    }
    if (workers_for(head).jobs() >= context_.options.requests_max) {
      co_return co_await refuse_overload(observe::Limit::requests, claimed == 0);
    }
    const std::optional<MemoryBudget::Share> share = context_.memory.take(claimed);
    if (!share) co_return co_await refuse_overload(observe::Limit::memory, false);
    std::string body;
    if (claimed > 0) {
      if (!co_await read_whole_body(std::move(parser), body)) co_return false;
      if (auto answer = answer_from_memory(head, body)) co_return co_await write(*answer);
    }
    co_return co_await serve_whole(head, body);
  }

  std::optional<Answer> answer_from_memory(const api::RequestHead& head, std::string_view body) const {
    std::optional<api::Response> response = context_.api.answer_from_memory(head, body);
    return response ? std::optional(answer_of(std::move(*response))) : std::nullopt;
  }

  /// False: the body is not there, and the connection ends.
  Awaitable<bool> read_whole_body(HeadParser&& head_parser, std::string& body) {
    body.resize(head_parser.content_length().value_or(0));
    BodyPieces pieces(stream_, deadline_, buffer_, body.size(), body_limits());
    const BodyPieces::Piece piece = co_await pieces.next(std::as_writable_bytes(std::span(body)));
    counted_.request_body_bytes = piece.size_bytes;
    if (piece.error) co_return co_await refuse_body(piece);
    co_return true;
  }

  BodyPieces::Limits body_limits() const {
    return {.bytes_max = context_.options.body_bytes_max,
            .pace = {.grace = milliseconds(context_.options.body_timeout_ms),
                     .bytes_per_second_min = context_.options.bytes_per_second_min}};
  }

  Awaitable<bool> serve_whole(const api::RequestHead& head, const std::string& body) {
    std::unique_ptr<api::RequestBody> request;
    std::optional<Answer> answer;
    std::function<void(Told)> handle = [&](Told told) {
      api::Begun begun = context_.api.begin(head, body.size());
      if (!begun) {
        answer = answer_of(std::move(begun.error()));
        return told();
      }
      request = std::move(*begun);
      answer = take_piece(*request, std::as_bytes(std::span(body)), true);
      carry_out(*request, answer, std::move(told));
    };
    const bool here = context_.api.is_short(head, body.size());
    co_await run_until_told(context_.workers, workers_for(head), here, handle);
    if (!answer) answer = answer_of(request->finish());
    co_return co_await write(*answer);
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
  Awaitable<bool> serve_in_pieces(const api::RequestHead& head, HeadParser&& head_parser, bool waits) {
    if (context_.workers.writes().jobs() >= context_.options.requests_max) {
      co_return co_await refuse_overload(observe::Limit::requests, false);
    }
    std::optional<std::uint64_t> claimed;
    if (const auto length = head_parser.content_length()) claimed = *length;
    const std::size_t held_bytes = piece_bytes_max(claimed) + kChunkHeldBytes;
    const std::optional<MemoryBudget::Share> share = context_.memory.take(held_bytes);
    if (!share) co_return co_await refuse_overload(observe::Limit::memory, false);
    std::optional<api::Begun> begun;
    std::function<void()> begin = [&] { begun = context_.api.begin(head, claimed); };
    co_await run_on(context_.workers.writes(), begin);
    if (!*begun) co_return co_await refuse_with(answer_of(std::move(begun->error())));
    if (waits && !co_await say_continue()) co_return false;
    BodyPieces pieces(stream_, deadline_, buffer_, claimed, body_limits());
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
  Awaitable<bool> take_pieces(BodyPieces& pieces, std::unique_ptr<api::RequestBody>& request) {
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
      if (refusal) co_return co_await write(*refusal);
      if (piece.is_last) break;
    }
    std::optional<Answer> answer;
    std::function<void(Told)> carry = [&](Told told) { carry_out(*request, answer, std::move(told)); };
    co_await run_until_told(context_.workers, context_.workers.writes(), false, carry);
    if (!answer) answer = answer_of(request->finish());
    co_return co_await write(*answer);
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
  Awaitable<bool> refuse_body(const BodyPieces::Piece& piece) {
    if (piece.refusal) co_return co_await refuse(*piece.refusal);
    if (!deadline_.passed()) co_return false;
    context_.metrics.limit_reached(observe::Limit::body_rate);
    co_return co_await refuse(body_too_slow());
  }

  Awaitable<bool> refuse(const proto::Problem& problem) { return refuse_with(answer_of(api::response_of(problem))); }

  /// `is_whole`: all of the request has been read, and the connection can go on.
  Awaitable<bool> refuse_overload(observe::Limit limit, bool is_whole) {
    context_.metrics.limit_reached(limit);
    Answer answer = answer_of(overloaded());
    if (is_whole) co_return co_await write(answer);
    co_return co_await refuse_with(std::move(answer));
  }

  /// Answers without having read all of the request, and ends the connection.
  Awaitable<bool> refuse_with(Answer answer) {
    framing_.keep_alive = false;
    const ResponseWriter::Written written = co_await send(answer);
    if (!written.failed) co_await drain();
    co_return false;
  }

  Awaitable<void> drain() {
    deadline_.set(Deadline::Clock::now() + kDrainTime);
    co_await stream_.end_sending();
    error_code error;
    for (std::uint64_t drained = 0; drained < kDrainBytesMax && !error && !deadline_.passed();) {
      buffer_.clear();
      std::size_t size = 0;
      std::tie(error, size) = co_await stream_.async_discard_some(buffer_.prepare(kDrainPieceBytes), AsTuple());
      drained += size;
    }
    deadline_.clear();
  }

  /// False: the connection ends.
  Awaitable<bool> write(Answer& answer) {
    const ResponseWriter::Written written = co_await send(answer);
    co_return written.whole&& written.keep_alive;
  }

  /// Every request that is answered ends here.
  Awaitable<ResponseWriter::Written> send(Answer& answer) {
    framing_.keep_alive = framing_.keep_alive && !connections_.stopping();
    const std::optional<MemoryBudget::Share> share = context_.memory.take(held_bytes(answer));
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
  bool idle_ = true;
};

}  // namespace

Awaitable<void> serve_connection(Socket socket, ConnectionGate::Place place, SessionContext context,
                                 Connections& connections) {
  Session session(std::move(socket), std::move(place), context, connections);
  co_await session.run();
}

}  // namespace sconce::server::net
