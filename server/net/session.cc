#include "server/net/session.h"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <cassert>
#include <optional>

#include "server/net/body_pieces.h"
#include "server/net/head_reader.h"
#include "server/net/request_head.h"
#include "server/net/response_writer.h"
#include "server/net/run_on.h"

namespace sconce::server::net {

namespace {

namespace http = beast::http;
using boost::system::error_code;
using proto::Refusal;
using std::chrono::milliseconds;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

// A body up to this size is read whole before the request begins, and goes to a worker once.
constexpr std::uint64_t kWholeBodyBytesMax = 64 * 1024;
// A larger one comes in pieces of this size.
constexpr std::size_t kBodyPieceBytes = 256 * 1024;
// After a refusal the rest of the body is read and dropped, so that the client gets to see the answer; within these
// bounds.
constexpr std::uint64_t kDrainBytesMax = 16 << 20;
constexpr std::size_t kDrainPieceBytes = 64 * 1024;
constexpr milliseconds kDrainTime(2000);

// Room for a head, and then for a line of a chunk with its extension, and for the trailer section. Beast throws at a
// field that is longer.
constexpr std::size_t kBufferBytes = 64 * 1024;

class Session final : public Connection {
 public:
  Session(Socket socket, const SessionContext& context, Connections& connections)
      : stream_(std::move(socket)),
        context_(context),
        connections_(connections),
        buffer_(kBufferBytes),
        writer_(stream_, context_) {
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
    if (idle_) stream_.close();
  }

  Awaitable<void> run() {
    error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    bool more = true;
    while (more && !connections_.stopping()) more = co_await serve_request();
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }

 private:
  /// Reads one request and answers it. False: the connection ends.
  Awaitable<bool> serve_request() {
    framing_ = {};
    counted_ = {};
    HeadParser parser;
    parser.body_limit(boost::none);
    stream_.expires_after(milliseconds(context_.options.idle_timeout_ms));
    const HeadLimits limits{.bytes_max = context_.options.header_bytes_max};
    const HeadRead read = co_await read_head(stream_, buffer_, parser, limits, idle_);
    began_ = std::chrono::steady_clock::now();
    if (read.error) co_return false;
    framing_.to_head = read.to_head;
    if (read.refusal) co_return co_await refuse(*read.refusal);
    proto::Answer<api::RequestHead> head = request_head_of(parser.get());
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
    if (claimed > context_.options.body_bytes_max) co_return co_await refuse(body_too_large());
    const bool waits = version == 11 && parser.get().count(http::field::expect) > 0;
    const bool whole = !parser.chunked() && claimed <= kWholeBodyBytesMax && !(waits && claimed > 0);
    if (!whole) co_return co_await serve_in_pieces(head, std::move(parser), waits);
    std::string body;
    if (claimed > 0 && !co_await read_whole_body(std::move(parser), body)) co_return false;
    co_return co_await serve_whole(head, body);
  }

  /// False: the body is not there, and the connection ends.
  Awaitable<bool> read_whole_body(HeadParser&& head_parser, std::string& body) {
    body.resize(*head_parser.content_length());
    BodyPieces pieces(stream_, buffer_, std::move(head_parser), context_.options.body_bytes_max);
    stream_.expires_after(milliseconds(context_.options.body_timeout_ms));
    const BodyPieces::Piece piece = co_await pieces.next(std::as_writable_bytes(std::span(body)));
    if (piece.error) co_return co_await refuse_body(piece.error);
    counted_.request_body_bytes = body.size();
    co_return true;
  }

  Awaitable<bool> serve_whole(const api::RequestHead& head, const std::string& body) {
    Answer answer;
    std::function<void()> handle = [&] {
      api::Begun begun = context_.api.begin(head, body.size());
      if (begun) answer = answer_whole(**begun, std::as_bytes(std::span(body)));
      else answer = answer_of(std::move(begun.error()));
    };
    co_await run_on(workers_for(head), handle);
    co_return co_await write(answer);
  }

  asio::thread_pool& workers_for(const api::RequestHead& head) {
    const bool reads = head.method == "GET" || head.method == "HEAD";
    return reads ? context_.workers.reads() : context_.workers.writes();
  }

  /// Refuses before the body is read, if that can be told; says to a client that waits for it that it may send.
  Awaitable<bool> serve_in_pieces(const api::RequestHead& head, HeadParser&& head_parser, bool waits) {
    std::optional<std::uint64_t> claimed;
    if (const auto length = head_parser.content_length()) claimed = *length;
    std::optional<api::Begun> begun;
    std::function<void()> begin = [&] { begun = context_.api.begin(head, claimed); };
    co_await run_on(context_.workers.writes(), begin);
    if (!*begun) co_return co_await refuse_with(answer_of(std::move(begun->error())));
    if (waits && !co_await say_continue()) co_return false;
    BodyPieces pieces(stream_, buffer_, std::move(head_parser), context_.options.body_bytes_max);
    const bool more = co_await take_pieces(pieces, ***begun);
    std::function<void()> end = [&] { begun.reset(); };  // an upload that failed has files to remove
    co_await run_on(context_.workers.writes(), end);
    co_return more;
  }

  Awaitable<bool> say_continue() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.expires_after(milliseconds(context_.options.write_timeout_ms));
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(kContinue), AsTuple());
    co_return !error;
  }

  /// Gives the body to the request piece by piece; what the request has not taken is not read, so that a client sends
  /// no faster than the store takes.
  Awaitable<bool> take_pieces(BodyPieces& pieces, api::RequestBody& request) {
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(kBodyPieceBytes);
    while (true) {
      stream_.expires_after(milliseconds(context_.options.body_timeout_ms));
      const BodyPieces::Piece piece = co_await pieces.next({buffer.get(), kBodyPieceBytes});
      if (piece.error) co_return co_await refuse_body(piece.error);
      counted_.request_body_bytes += piece.size_bytes;
      const std::span<const std::byte> bytes(buffer.get(), piece.size_bytes);
      std::optional<Answer> refusal;
      std::function<void()> take = [&] { refusal = take_piece(request, bytes, piece.is_last); };
      co_await run_on(context_.workers.bulk(), take);
      if (refusal && !piece.is_last) co_return co_await refuse_with(std::move(*refusal));
      if (refusal) co_return co_await write(*refusal);
      if (piece.is_last) break;
    }
    Answer answer;
    std::function<void()> finish = [&] { answer = answer_of(request.finish()); };
    co_await run_on(context_.workers.writes(), finish);
    co_return co_await write(answer);
  }

  /// On a bulk thread, or a worker. What it returns is an answer before the request was carried out.
  std::optional<Answer> take_piece(api::RequestBody& request, std::span<const std::byte> bytes, bool is_last) const {
    std::expected<void, api::Response> taken = request.put(bytes);
    if (taken && is_last) taken = request.complete();
    if (taken) return std::nullopt;
    return answer_of(std::move(taken.error()));
  }

  /// On a worker.
  Answer answer_whole(api::RequestBody& request, std::span<const std::byte> body) const {
    if (std::optional<Answer> refusal = take_piece(request, body, true)) return std::move(*refusal);
    return answer_of(request.finish());
  }

  /// On a worker, unless all of it is in memory.
  Answer answer_of(api::Response response) const {
    return net::answer_of(std::move(response), framing_.to_head, context_.log);
  }

  /// The body cannot be read.
  Awaitable<bool> refuse_body(error_code error) {
    if (error == http::error::body_limit) co_return co_await refuse(body_too_large());
    if (error == http::error::buffer_overflow) co_return co_await refuse(trailer_too_large());
    if (!is_http_error(error) || error == http::error::partial_message) co_return false;
    co_return co_await refuse(proto::problem_of(Refusal::bad_request, "the body: " + error.message()));
  }

  Awaitable<bool> refuse(const proto::Problem& problem) { return refuse_with(answer_of(api::response_of(problem))); }

  /// Answers without having read all of the request, and ends the connection.
  Awaitable<bool> refuse_with(Answer answer) {
    framing_.keep_alive = false;
    const ResponseWriter::Written written = co_await send(answer);
    if (!written.failed) co_await drain();
    co_return false;
  }

  Awaitable<void> drain() {
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kDrainTime);
    std::uint64_t drained = 0;
    while (drained < kDrainBytesMax) {
      buffer_.clear();
      const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kDrainPieceBytes), AsTuple());
      if (error) co_return;
      drained += size;
    }
  }

  /// False: the connection ends.
  Awaitable<bool> write(Answer& answer) {
    const ResponseWriter::Written written = co_await send(answer);
    co_return written.whole&& written.keep_alive;
  }

  /// Every request that is answered ends here.
  Awaitable<ResponseWriter::Written> send(Answer& answer) {
    framing_.keep_alive = framing_.keep_alive && !connections_.stopping();
    const ResponseWriter::Written written = co_await writer_.write(answer, framing_);
    count(answer.response.status, written.body_bytes);
    co_return written;
  }

  void count(unsigned status, std::uint64_t sent_bytes) {
    counted_.status = status;
    counted_.response_body_bytes = sent_bytes;
    counted_.duration = std::chrono::steady_clock::now() - began_;
    context_.metrics.count(counted_);
  }

  proto::Problem body_too_large() const {
    return proto::problem_of(Refusal::body_too_large, "the body is larger than the " +
                                                          std::to_string(context_.options.body_bytes_max) +
                                                          " bytes that this server takes");
  }

  static proto::Problem trailer_too_large() {
    return proto::problem_of(Refusal::header_too_large, "a chunk's line, or the trailer section, is too large");
  }

  static bool is_http_error(error_code error) {
    return error && error.category() == http::make_error_code(http::error::bad_method).category();
  }

  Stream stream_;
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

Awaitable<void> serve_connection(Socket socket, SessionContext context, Connections& connections) {
  Session session(std::move(socket), context, connections);
  co_await session.run();
}

}  // namespace sconce::server::net
