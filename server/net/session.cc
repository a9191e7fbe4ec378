#include "server/net/session.h"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "server/api/object_headers.h"
#include "server/net/body_pieces.h"
#include "server/net/request_head.h"
#include "server/net/run_on.h"

namespace sconce::server::net {

namespace {

namespace http = beast::http;
using boost::system::error_code;
using proto::Refusal;
using std::chrono::milliseconds;
using WholeBodyParser = http::request_parser<http::string_body>;
using AsTuple = asio::as_tuple_t<UseAwaitable>;
using asio::experimental::awaitable_operators::operator&&;

// A body up to this size is read whole before the request begins, and goes to a worker once.
constexpr std::uint64_t kWholeBodyBytesMax = 64 * 1024;
// A larger one comes in pieces of this size.
constexpr std::size_t kBodyPieceBytes = 256 * 1024;
// After a refusal the rest of the body is read and dropped, so that the client gets to see the answer; within these
// bounds.
constexpr std::uint64_t kDrainBytesMax = 16 << 20;
constexpr std::size_t kDrainPieceBytes = 64 * 1024;
constexpr milliseconds kDrainTime(2000);

struct Piece {
  std::span<const std::byte> bytes;
  bool failed = false;
};

class Session final : public Connection {
 public:
  Session(Socket socket, const SessionContext& context, Connections& connections)
      : stream_(std::move(socket)), context_(context), connections_(connections) {
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
    is_head_ = false;
    version_ = 11;
    counted_ = {};
    HeadParser parser;
    parser.header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
    parser.body_limit(boost::none);
    idle_ = buffer_.size() == 0;
    stream_.expires_after(milliseconds(context_.options.idle_timeout_ms));
    const auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, AsTuple());
    idle_ = false;
    began_ = std::chrono::steady_clock::now();
    if (error) co_return co_await refuse_header(error);
    proto::Answer<api::RequestHead> head = request_head_of(parser.get());
    if (!head) co_return co_await refuse(head.error());
    counted_.endpoint = proto::endpoint_at(head->method, head->path);
    counted_.method = head->method;
    is_head_ = head->method == "HEAD";
    version_ = parser.get().version();
    keep_alive_ = parser.get().keep_alive();
    const std::uint64_t claimed = parser.content_length().value_or(0);
    if (claimed > context_.options.body_bytes_max) co_return co_await refuse(body_too_large());
    const bool waits = version_ == 11 && beast::iequals(parser.get()[http::field::expect], "100-continue");
    const bool whole = !parser.chunked() && claimed <= kWholeBodyBytesMax && !(waits && claimed > 0);
    if (!whole) co_return co_await serve_in_pieces(*head, std::move(parser), waits);
    std::string body;
    if (claimed > 0 && !co_await read_whole_body(std::move(parser), body)) co_return false;
    co_return co_await serve_whole(*head, body);
  }

  /// False: the body is not there, and the connection ends.
  Awaitable<bool> read_whole_body(HeadParser&& head_parser, std::string& body) {
    WholeBodyParser parser(std::move(head_parser));
    stream_.expires_after(milliseconds(context_.options.body_timeout_ms));
    const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, AsTuple());
    if (error) co_return co_await refuse_body(error);
    body = std::move(parser.get().body());
    counted_.request_body_bytes = body.size();
    co_return true;
  }

  Awaitable<bool> serve_whole(const api::RequestHead& head, const std::string& body) {
    Answer answer;
    std::function<void()> handle = [&] {
      api::Begun begun = context_.api.begin(head, body.size());
      if (begun) answer = finish(**begun, std::as_bytes(std::span(body)));
      else answer = answer_of(std::move(begun.error()));
    };
    co_await run_on(context_.workers, handle);
    co_return co_await write(answer);
  }

  /// Refuses before the body is read, if that can be told; says to a client that waits for it that it may send.
  Awaitable<bool> serve_in_pieces(const api::RequestHead& head, HeadParser&& head_parser, bool waits) {
    std::optional<std::uint64_t> claimed;
    if (const auto length = head_parser.content_length()) claimed = *length;
    std::optional<api::Begun> begun;
    std::function<void()> begin = [&] { begun = context_.api.begin(head, claimed); };
    co_await run_on(context_.workers, begin);
    if (!*begun) co_return co_await refuse_with(answer_of(std::move(begun->error())));
    if (waits && !co_await say_continue()) co_return false;
    BodyPieces pieces(stream_, buffer_, std::move(head_parser), context_.options.body_bytes_max);
    const bool more = co_await take_pieces(pieces, ***begun);
    std::function<void()> end = [&] { begun.reset(); };  // an upload that failed has files to remove
    co_await run_on(context_.workers, end);
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
      std::optional<Answer> answer;
      std::function<void()> take = [&] {
        if (piece.is_last) answer = finish(request, bytes);
        else if (auto taken = request.put(bytes); !taken) answer = answer_of(std::move(taken.error()));
      };
      co_await run_on(context_.workers, take);
      if (answer && !piece.is_last) co_return co_await refuse_with(std::move(*answer));
      if (answer) co_return co_await write(*answer);
    }
  }

  /// An answer, and the first piece of its body.
  struct Answer {
    api::Response response;
    Piece first;
  };

  /// On a worker.
  Answer finish(api::RequestBody& request, std::span<const std::byte> last) const {
    if (auto taken = request.put(last); !taken) return answer_of(std::move(taken.error()));
    return answer_of(request.finish());
  }

  /// On a worker, unless all of it is in memory. What fails at its first byte can still be answered with an error.
  Answer answer_of(api::Response response) const {
    Answer answer{std::move(response), {}};
    if (is_head_) return answer;
    answer.first = next_piece(answer.response);
    if (!answer.first.failed) return answer;
    answer.response = api::response_of(
        proto::problem_of(core::Error{.code = core::ErrorCode::corrupt, .what = {}}, proto::Subject::stored_object));
    answer.first = next_piece(answer.response);
    return answer;
  }

  /// The body cannot be read.
  Awaitable<bool> refuse_body(error_code error) {
    if (error == http::error::body_limit) co_return co_await refuse(body_too_large());
    if (!is_http_error(error) || error == http::error::partial_message) co_return false;
    co_return co_await refuse(proto::problem_of(Refusal::bad_request, "the body: " + error.message()));
  }

  Awaitable<bool> refuse_header(error_code error) {
    if (error == http::error::header_limit) {
      co_return co_await refuse(proto::problem_of(
          Refusal::header_too_large,
          "the header is larger than " + std::to_string(context_.options.header_bytes_max) + " bytes"));
    }
    const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
    if (ended || !is_http_error(error)) co_return false;
    co_return co_await refuse(proto::problem_of(Refusal::bad_request, "the request: " + error.message()));
  }

  Awaitable<bool> refuse(const proto::Problem& problem) { return refuse_with(answer_of(api::response_of(problem))); }

  /// Answers without having read all of the request, and ends the connection.
  Awaitable<bool> refuse_with(Answer answer) {
    keep_alive_ = false;
    const bool written = co_await write(answer);
    if (!written && !write_failed_) co_await drain();
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

  /// Every request that is answered ends here. False: the connection ends.
  Awaitable<bool> write(Answer& answer) {
    api::Response& response = answer.response;
    Piece piece = answer.first;
    http::response<http::buffer_body> message = message_of(response);
    bool keep = message.keep_alive();
    const std::optional<std::uint64_t> total = bytes_to_send(response);
    std::uint64_t sent = 0;
    http::response_serializer<http::buffer_body> serializer(message);
    while (true) {
      const std::size_t piece_bytes = piece.bytes.size();
      sent += piece_bytes;
      const bool more = total ? sent < *total : !piece.bytes.empty();
      message.body().data = piece.bytes.empty() ? nullptr : const_cast<std::byte*>(piece.bytes.data());
      message.body().size = piece.bytes.size();
      message.body().more = more;
      std::function<void()> fetch = [&] { piece = next_piece(response); };
      if (more && response.body->can_read_ahead()) {
        co_await (write_piece(serializer) && run_on(context_.workers, fetch));
      } else {
        co_await write_piece(serializer);
        if (more && !write_failed_) co_await run_on(context_.workers, fetch);
      }
      if (write_failed_) sent -= piece_bytes;
      // The answer has begun: all that is left is to end the connection, so that the client sees it is not whole.
      const bool cut_off = write_failed_ || (more && (piece.failed || (total && piece.bytes.empty())));
      if (cut_off) keep = false;
      if (cut_off || !more) break;
    }
    count(response.status, sent);
    co_return keep;
  }

  void count(unsigned status, std::uint64_t sent_bytes) {
    counted_.status = status;
    counted_.response_body_bytes = sent_bytes;
    counted_.duration = std::chrono::steady_clock::now() - began_;
    context_.metrics.count(counted_);
  }

  Awaitable<void> write_piece(http::response_serializer<http::buffer_body>& serializer) {
    stream_.expires_after(milliseconds(context_.options.write_timeout_ms));
    const auto [error, size] = co_await http::async_write(stream_, serializer, AsTuple());
    write_failed_ = error && error != http::error::need_buffer;
  }

  /// Nothing if that is only known at the end.
  std::optional<std::uint64_t> bytes_to_send(const api::Response& response) const {
    if (response.body == nullptr || is_head_) return 0;
    return response.body->size_bytes();
  }

  http::response<http::buffer_body> message_of(const api::Response& response) const {
    http::response<http::buffer_body> message;
    message.version(version_);
    message.result(response.status);
    const std::string_view reason = proto::reason_of(response.status);
    message.reason({reason.data(), reason.size()});
    message.set(http::field::server, "sconce");
    message.set(http::field::date, api::http_date(std::chrono::system_clock::now()));
    for (const api::Field& field : response.fields) message.set(field.name, field.value);
    message.keep_alive(keep_alive_ && !connections_.stopping());
    set_length(message, response);
    return message;
  }

  /// Says where the body ends. An HTTP/1.0 client that cannot be told the length sees it by the connection's end.
  void set_length(http::response<http::buffer_body>& message, const api::Response& response) const {
    if (response.status == 204 || response.status == 304) return;
    const std::optional<std::uint64_t> size = response.body == nullptr ? 0 : response.body->size_bytes();
    if (size) message.content_length(*size);
    else if (is_head_) return;
    else if (message.version() == 11) message.chunked(true);
    else message.keep_alive(false);
  }

  /// On a worker.
  Piece next_piece(api::Response& response) const {
    if (response.body == nullptr) return {};
    const auto bytes = response.body->next();
    if (bytes) return {.bytes = *bytes};
    context_.log.failed("reading what is to be sent", bytes.error());
    return {.bytes = {}, .failed = true};
  }

  proto::Problem body_too_large() const {
    return proto::problem_of(Refusal::body_too_large, "the body is larger than the " +
                                                          std::to_string(context_.options.body_bytes_max) +
                                                          " bytes that this server takes");
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
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool idle_ = true;
  bool write_failed_ = false;
};

}  // namespace

Awaitable<void> serve_connection(Socket socket, SessionContext context, Connections& connections) {
  Session session(std::move(socket), context, connections);
  co_await session.run();
}

}  // namespace sconce::server::net
