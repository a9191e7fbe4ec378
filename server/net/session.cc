#include "server/net/session.h"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "server/api/object_headers.h"
#include "server/net/request_head.h"
#include "server/net/run_on.h"

namespace sconce::server::net {

namespace {

namespace http = beast::http;
using boost::system::error_code;
using proto::Refusal;
using std::chrono::milliseconds;
using HeadParser = http::request_parser<http::empty_body>;
using BodyParser = http::request_parser<http::string_body>;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

// A body from this size on is worth asking first whether the request can succeed.
constexpr std::uint64_t kAskFirstBytesMin = 64 * 1024;
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
  }
  ~Session() override { connections_.remove(*this); }
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
    HeadParser parser;
    parser.header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
    parser.body_limit(boost::none);
    idle_ = buffer_.size() == 0;
    stream_.expires_after(milliseconds(context_.options.idle_timeout_ms));
    const auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, AsTuple());
    idle_ = false;
    if (error) co_return co_await refuse_header(error);
    proto::Answer<api::RequestHead> head = request_head_of(parser.get());
    if (!head) co_return co_await refuse(head.error());
    is_head_ = head->method == "HEAD";
    version_ = parser.get().version();
    keep_alive_ = parser.get().keep_alive();
    const bool has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
    if (has_body && !co_await may_send_body(parser, *head)) co_return false;
    std::string body;
    if (has_body && !co_await read_body(std::move(parser), body)) co_return false;
    co_return co_await answer(*head, body);
  }

  /// Decides before the body is read; says so to a client that waits for it. False: refused.
  Awaitable<bool> may_send_body(HeadParser& parser, const api::RequestHead& head) {
    const std::uint64_t claimed = parser.content_length().value_or(0);
    if (claimed > context_.options.body_bytes_max) co_return co_await refuse(body_too_large());
    const bool waits = version_ == 11 && beast::iequals(parser.get()[http::field::expect], "100-continue");
    if (!waits && !parser.chunked() && claimed < kAskFirstBytesMin) co_return true;
    std::optional<api::Response> refusal;
    std::function<void()> ask = [&] { refusal = context_.api.refuse(head); };
    co_await run_on(context_.workers, ask);
    if (refusal) {
      co_await refuse_with(std::move(*refusal));
      co_return false;
    }
    if (!waits) co_return true;
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.expires_after(milliseconds(context_.options.write_timeout_ms));
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(kContinue), AsTuple());
    co_return !error;
  }

  /// False: the body is not there, and the connection ends.
  Awaitable<bool> read_body(HeadParser&& head_parser, std::string& body) {
    BodyParser parser(std::move(head_parser));
    parser.body_limit(context_.options.body_bytes_max);
    stream_.expires_after(milliseconds(context_.options.body_timeout_ms));
    const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, AsTuple());
    if (error == http::error::body_limit) co_return co_await refuse(body_too_large());
    if (is_http_error(error) && error != http::error::partial_message) {
      co_return co_await refuse(proto::problem_of(Refusal::bad_request, "the body: " + error.message()));
    }
    body = std::move(parser.get().body());
    co_return !error;
  }

  Awaitable<bool> answer(const api::RequestHead& head, const std::string& body) {
    api::Response response;
    Piece first;
    std::function<void()> handle = [&] {
      response = context_.api.handle(head, std::as_bytes(std::span(body)));
      first = next_piece(response);
      if (!first.failed) return;
      response = api::response_of(
          proto::problem_of(core::Error{.code = core::ErrorCode::corrupt, .what = {}}, proto::Subject::stored_object));
      first = next_piece(response);
    };
    co_await run_on(context_.workers, handle);
    co_return co_await write(response, first);
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

  Awaitable<bool> refuse(const proto::Problem& problem) {
    api::Response response = api::response_of(problem);
    co_await refuse_with(std::move(response));
    co_return false;
  }

  /// Answers without having read all of the request, and ends the connection.
  Awaitable<void> refuse_with(api::Response response) {
    keep_alive_ = false;
    const Piece first = next_piece(response);
    const bool written = co_await write(response, first);
    if (!written && !write_failed_) co_await drain();
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
  Awaitable<bool> write(api::Response& response, Piece piece) {
    http::response<http::buffer_body> message = message_of(response);
    const bool keep = message.keep_alive();
    const std::uint64_t total = response.body != nullptr && !is_head_ ? response.body->size_bytes() : 0;
    std::uint64_t sent = 0;
    http::response_serializer<http::buffer_body> serializer(message);
    if (is_head_) piece = {};
    while (true) {
      sent += piece.bytes.size();
      message.body().data = piece.bytes.empty() ? nullptr : const_cast<std::byte*>(piece.bytes.data());
      message.body().size = piece.bytes.size();
      message.body().more = sent < total;
      stream_.expires_after(milliseconds(context_.options.write_timeout_ms));
      const auto [error, size] = co_await http::async_write(stream_, serializer, AsTuple());
      write_failed_ = error && error != http::error::need_buffer;
      if (write_failed_) co_return false;
      if (sent >= total) co_return keep;
      std::function<void()> fetch = [&] { piece = next_piece(response); };
      co_await run_on(context_.workers, fetch);
      // The length has been promised: all that is left is to end the connection, so that the client sees it is not
      // whole.
      if (piece.failed || piece.bytes.empty()) co_return false;
    }
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
    if (response.status != 204 && response.status != 304) {
      const std::uint64_t body_bytes = response.body != nullptr ? response.body->size_bytes() : 0;
      message.content_length(response.head_size_bytes.value_or(body_bytes));
    }
    message.keep_alive(keep_alive_ && !connections_.stopping());
    return message;
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
