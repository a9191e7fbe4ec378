#include "server/net/connection/response_writer.h"

#include <array>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <charconv>
#include <optional>

#include "server/net/run_on.h"

namespace sconce::server::net {

namespace {

using AsTuple = asio::as_tuple_t<UseAwaitable>;
using asio::experimental::awaitable_operators::operator&&;  // NOLINT(misc-unused-using-decls): in the coroutine

/// Nothing if that is only known at the end.
std::optional<std::uint64_t> bytes_to_send(const Response& response, bool to_head) {
  if (response.body == nullptr || to_head) return 0;
  return response.body->size_bytes();
}

asio::const_buffer buffer_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

/// A piece of a body with what stands around it: the head in front of the first, and the frames of chunks.
/// Source: RFC 9112, section 7.1.
class ResponseWriter::PieceFrame {
 public:
  using Buffers = std::array<asio::const_buffer, 4>;

  explicit PieceFrame(BodyEnd end) : in_chunks_(end == BodyEnd::at_last_chunk) {}

  void set(std::string_view head, std::span<const std::byte> piece, bool is_last) {
    std::string_view behind;
    std::size_t line_bytes = 0;
    if (in_chunks_ && !piece.empty()) {
      char* end = std::to_chars(line_.data(), line_.data() + line_.size() - 2, piece.size(), 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      line_bytes = static_cast<std::size_t>(end - line_.data());
      behind = is_last ? "\r\n0\r\n\r\n" : "\r\n";
    } else if (in_chunks_ && is_last) {
      behind = "0\r\n\r\n";
    }
    buffers_ = {buffer_of(head), buffer_of({line_.data(), line_bytes}), asio::buffer(piece.data(), piece.size()),
                buffer_of(behind)};
  }

  const Buffers& buffers() const { return buffers_; }

 private:
  const bool in_chunks_;
  std::array<char, 18> line_{};  // the size of a chunk
  Buffers buffers_;
};

Awaitable<ResponseWriter::Written> ResponseWriter::write(Answer& answer, Framing framing, MemoryBudget::Share* share) {
  Response& response = answer.response;
  Piece piece = answer.first;
  const AnswerHead head = head_of(response, framing);
  std::string_view unsent_head = head.bytes;
  const std::optional<std::uint64_t> total = bytes_to_send(response, framing.to_head);
  Written written{.body_bytes = 0, .whole = true, .failed = false, .keep_alive = head.keep_alive};
  failed_ = false;
  PieceFrame frame(head.end);
  RateLimit rate_limit(deadline_, {.grace = std::chrono::milliseconds(context_.options.write_timeout_ms),
                                   .bytes_per_second_min = context_.options.bytes_per_second_min});
  while (true) {
    const std::size_t piece_bytes = piece.bytes.size();
    written.body_bytes += piece_bytes;
    const bool more = total ? written.body_bytes < *total : !piece.bytes.empty();
    frame.set(std::exchange(unsent_head, {}), piece.bytes, !more);
    std::function<void()> fetch = [&] { piece = next_piece(response, context_.log); };
    WorkQueue& fetchers = more && response.body->takes_long() ? context_.workers.bulk() : context_.workers.reads();
    if (more && response.body->can_read_ahead()) {
      co_await (write_piece(frame, rate_limit) && run_on(fetchers, fetch));
    } else {
      co_await write_piece(frame, rate_limit);
      if (more && !failed_) {
        if (response.body->is_in_memory()) fetch();
        else co_await run_on(fetchers, fetch);
      }
    }
    if (failed_) written.body_bytes -= piece_bytes;
    if (more && share != nullptr) share->count(counted_bytes(*response.body));
    // The answer has begun: all that is left is to end the connection, so that the client sees it is not whole.
    const bool cut_off = failed_ || (more && (piece.error || (total && piece.bytes.empty())));
    if (cut_off) written.whole = false;
    if (cut_off || !more) break;
  }
  written.failed = failed_;
  co_return written;
}

Awaitable<void> ResponseWriter::write_piece(const PieceFrame& frame, RateLimit& rate_limit) {
  beast::buffers_suffix<PieceFrame::Buffers> left(frame.buffers());
  while (beast::buffer_bytes(left) > 0) {
    rate_limit.wait();
    const auto [error, size] = co_await stream_.async_write_some(left, AsTuple());
    rate_limit.moved(size);
    left.consume(size);
    failed_ = static_cast<bool>(error);
    if (!failed_) continue;
    if (deadline_.passed()) context_.metrics.limit_reached(observe::Limit::answer_rate);
    co_return;
  }
}

}  // namespace sconce::server::net
