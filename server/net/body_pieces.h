#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "server/net/deadline.h"
#include "server/net/stream.h"
#include "server/net/types.h"

namespace sconce::server::net {

using HeadParser = beast::http::request_parser<beast::http::empty_body>;

/// The body of a request, read piece by piece. Lifetime: `stream`, `deadline` and `buffer` are borrowed. Threads: the
/// stream's.
class BodyPieces {
 public:
  struct Limits {
    std::uint64_t bytes_max;
    Pace::Limits pace;
  };
  /// `head` has read the header; what came with it stands in `buffer`, whose greatest size bounds a line of a chunk and
  /// the trailer section. Trailer fields are dropped.
  BodyPieces(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, HeadParser&& head, const Limits& limits);
  BodyPieces(const BodyPieces&) = delete;
  BodyPieces& operator=(const BodyPieces&) = delete;

  struct Piece {
    boost::system::error_code error;
    std::size_t size_bytes = 0;
    bool is_last = false;
  };
  /// Fills `out`, unless the body ends before. Where the client is too slow, the deadline has passed.
  Awaitable<Piece> next(std::span<std::byte> out);

  /// Nothing if the length is not known.
  std::optional<std::uint64_t> left_bytes() const { return left_bytes_; }

 private:
  Awaitable<Piece> next_of_known_length(std::span<std::byte> out);
  Awaitable<Piece> next_of_chunked(std::span<std::byte> out);
  boost::system::error_code check_chunk(std::uint64_t size, beast::string_view extension);

  Stream& stream_;
  Pace pace_;
  beast::flat_buffer& buffer_;
  beast::http::request_parser<beast::http::buffer_body> parser_;
  std::function<void(std::uint64_t, beast::string_view, boost::system::error_code&)> on_chunk_;
  std::uint64_t chunk_bytes_ = 0;  // as the chunks seen have announced
  std::uint64_t extension_bytes_ = 0;
  std::optional<std::uint64_t> left_bytes_;  // of a body whose length is known
};

}  // namespace sconce::server::net
