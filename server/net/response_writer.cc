#include "server/net/response_writer.h"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "server/net/run_on.h"

namespace sconce::server::net {

namespace {

namespace http = beast::http;
using AsTuple = asio::as_tuple_t<UseAwaitable>;
using asio::experimental::awaitable_operators::operator&&;  // NOLINT(misc-unused-using-decls): in the coroutine

/// Nothing if that is only known at the end.
std::optional<std::uint64_t> bytes_to_send(const api::Response& response, bool to_head) {
  if (response.body == nullptr || to_head) return 0;
  return response.body->size_bytes();
}

}  // namespace

Awaitable<ResponseWriter::Written> ResponseWriter::write(Answer& answer, Framing framing) {
  api::Response& response = answer.response;
  Piece piece = answer.first;
  http::response<http::buffer_body> message = message_of(response, framing);
  const std::optional<std::uint64_t> total = bytes_to_send(response, framing.to_head);
  Written written{.body_bytes = 0, .whole = true, .failed = false, .keep_alive = message.keep_alive()};
  failed_ = false;
  Serializer serializer(message);
  Pace pace(deadline_, {.grace = std::chrono::milliseconds(context_.options.write_timeout_ms),
                        .bytes_per_second_min = context_.options.bytes_per_second_min});
  while (true) {
    const std::size_t piece_bytes = piece.bytes.size();
    written.body_bytes += piece_bytes;
    const bool more = total ? written.body_bytes < *total : !piece.bytes.empty();
    message.body().data = piece.bytes.empty() ? nullptr : const_cast<std::byte*>(piece.bytes.data());
    message.body().size = piece.bytes.size();
    message.body().more = more;
    std::function<void()> fetch = [&] { piece = next_piece(response, context_.log); };
    WorkQueue& fetchers = more && response.body->takes_long() ? context_.workers.bulk() : context_.workers.reads();
    if (more && response.body->can_read_ahead()) {
      co_await (write_piece(serializer, pace) && run_on(fetchers, fetch));
    } else {
      co_await write_piece(serializer, pace);
      if (more && !failed_) co_await run_on(fetchers, fetch);
    }
    if (failed_) written.body_bytes -= piece_bytes;
    // The answer has begun: all that is left is to end the connection, so that the client sees it is not whole.
    const bool cut_off = failed_ || (more && (piece.failed || (total && piece.bytes.empty())));
    if (cut_off) written.whole = false;
    if (cut_off || !more) break;
  }
  written.failed = failed_;
  co_return written;
}

Awaitable<void> ResponseWriter::write_piece(Serializer& serializer, Pace& pace) {
  boost::system::error_code error;
  while (!error && !serializer.is_done()) {
    pace.wait();
    const auto [stopped, size] = co_await http::async_write_some(stream_, serializer, AsTuple());
    pace.moved(size);
    error = stopped;
  }
  failed_ = error && error != http::error::need_buffer;
  if (failed_ && deadline_.passed()) context_.metrics.limit_reached(observe::Limit::answer_rate);
}

}  // namespace sconce::server::net
