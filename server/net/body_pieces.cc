#include "server/net/body_pieces.h"

#include <algorithm>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/beast/http/read.hpp>

namespace sconce::server::net {

namespace {

namespace http = beast::http;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

// Beast reads as much as its buffer has room for, which after a header is little.
constexpr std::size_t kReadBytes = 64 * 1024;

// Extensions are dropped, so they cost a client nothing but bytes; this much of them, beside as many as there is data.
// Source: RFC 9112, section 7.1.1.
constexpr std::uint64_t kExtensionBytesMax = 16 * 1024;

}  // namespace

BodyPieces::BodyPieces(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, HeadParser&& head,
                       const Limits& limits)
    : stream_(stream), pace_(deadline, limits.pace), buffer_(buffer), parser_(std::move(head)) {
  parser_.body_limit(limits.bytes_max);
  parser_.eager(true);
  if (const auto length = parser_.content_length()) left_bytes_ = *length;
  on_chunk_ = [this](std::uint64_t size, beast::string_view extension, boost::system::error_code& error) {
    error = check_chunk(size, extension);
  };
  parser_.on_chunk_header(on_chunk_);
}

/// Beast lets any byte stand in quotes; a LF there is where another reader may see the line end.
boost::system::error_code BodyPieces::check_chunk(std::uint64_t size, beast::string_view extension) {
  const auto is_control = [](char byte) {
    return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
  };
  chunk_bytes_ += size;
  extension_bytes_ += extension.size();
  const bool too_many = extension_bytes_ > chunk_bytes_ + kExtensionBytesMax;
  if (too_many || std::ranges::any_of(extension, is_control)) return http::error::bad_chunk_extension;
  return {};
}

Awaitable<BodyPieces::Piece> BodyPieces::next(std::span<std::byte> out) {
  return left_bytes_ ? next_of_known_length(out) : next_of_chunked(out);
}

/// Straight from the socket, but for what came with the header.
Awaitable<BodyPieces::Piece> BodyPieces::next_of_known_length(std::span<std::byte> out) {
  out = out.first(std::min<std::uint64_t>(out.size(), *left_bytes_));
  Piece piece{.error = {}, .size_bytes = asio::buffer_copy(asio::buffer(out.data(), out.size()), buffer_.data())};
  buffer_.consume(piece.size_bytes);
  while (piece.size_bytes < out.size() && !piece.error) {
    const auto rest = asio::buffer(out.data() + piece.size_bytes, out.size() - piece.size_bytes);
    pace_.wait();
    const auto [error, size] = co_await stream_.async_read_some(rest, AsTuple());
    pace_.moved(size);
    piece.error = error;
    piece.size_bytes += size;
  }
  *left_bytes_ -= piece.size_bytes;
  piece.is_last = *left_bytes_ == 0;
  co_return piece;
}

Awaitable<BodyPieces::Piece> BodyPieces::next_of_chunked(std::span<std::byte> out) {
  buffer_.reserve(std::min(kReadBytes, buffer_.max_size()));
  parser_.get().body().data = out.data();
  parser_.get().body().size = out.size();
  boost::system::error_code error;
  while (!error && !parser_.is_done() && parser_.get().body().size > 0) {
    pace_.wait();
    const auto [failed, size] = co_await http::async_read_some(stream_, buffer_, parser_, AsTuple());
    pace_.moved(size);
    error = failed;
  }
  if (error == http::error::need_buffer) error = {};
  co_return Piece{.error = error, .size_bytes = out.size() - parser_.get().body().size, .is_last = parser_.is_done()};
}

}  // namespace sconce::server::net
