#include "server/net/connection/body_pieces.h"

#include <algorithm>
#include <boost/asio/experimental/as_tuple.hpp>

namespace sconce::server::net {

namespace {

using boost::system::error_code;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

// What is read at once of chunks and what stands between them.
constexpr std::size_t kReadBytes = 64 * 1024;
// The rest of a chunk that is larger goes where it is to be, without a copy.
constexpr std::size_t kDirectBytesMin = 16 * 1024;

std::string_view view_of(const beast::flat_buffer& buffer) {
  const auto bytes = buffer.data();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

BodyPieces::BodyPieces(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer,
                       std::optional<std::uint64_t> body_bytes, const Limits& limits)
    : stream_(stream),
      rate_limit_(deadline, limits.rate_limit),
      buffer_(buffer),
      chunks_(limits.bytes_max),
      left_bytes_(body_bytes) {}

Awaitable<BodyPieces::Piece> BodyPieces::next(std::span<std::byte> out) {
  return left_bytes_ ? next_of_known_length(out) : next_of_chunked(out);
}

/// Straight from the socket, but for what came with the head.
Awaitable<BodyPieces::Piece> BodyPieces::next_of_known_length(std::span<std::byte> out) {
  out = out.first(std::min<std::uint64_t>(out.size(), *left_bytes_));
  Piece piece;
  piece.size_bytes = asio::buffer_copy(asio::buffer(out.data(), out.size()), buffer_.data());
  buffer_.consume(piece.size_bytes);
  while (piece.size_bytes < out.size() && !piece.error) {
    const auto rest = asio::buffer(out.data() + piece.size_bytes, out.size() - piece.size_bytes);
    rate_limit_.wait();
    const auto [error, size] = co_await stream_.async_read_some(rest, AsTuple());
    rate_limit_.moved(size);
    piece.error = error;
    piece.size_bytes += size;
  }
  *left_bytes_ -= piece.size_bytes;
  piece.is_last = *left_bytes_ == 0;
  co_return piece;
}

Awaitable<BodyPieces::Piece> BodyPieces::next_of_chunked(std::span<std::byte> out) {
  Piece piece;
  while (!piece.error) {
    const proto::HttpResult<ChunkDecoder::Taken> taken = chunks_.take(view_of(buffer_), out.subspan(piece.size_bytes));
    if (!taken) {
      piece.refusal = taken.error();
      break;
    }
    buffer_.consume(taken->in_bytes);
    piece.size_bytes += taken->out_bytes;
    if (chunks_.is_done() || piece.size_bytes == out.size()) break;
    const std::size_t direct = std::min<std::uint64_t>(chunks_.data_bytes_left(), out.size() - piece.size_bytes);
    if (direct < kDirectBytesMin) {
      piece.error = co_await receive();
      continue;
    }
    rate_limit_.wait();
    const auto [error, size] =
        co_await stream_.async_read_some(asio::buffer(out.data() + piece.size_bytes, direct), AsTuple());
    rate_limit_.moved(size);
    chunks_.data_taken(size);
    piece.error = error;
    piece.size_bytes += size;
  }
  piece.is_last = chunks_.is_done();
  co_return piece;
}

/// More, into the buffer.
Awaitable<error_code> BodyPieces::receive() {
  const auto room = buffer_.prepare(std::min(kReadBytes, buffer_.max_size() - buffer_.size()));
  rate_limit_.wait();
  const auto [error, size] = co_await stream_.async_read_some(room, AsTuple());
  rate_limit_.moved(size);
  buffer_.commit(size);
  co_return error;
}

}  // namespace sconce::server::net
