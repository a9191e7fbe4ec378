#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "proto/http/problem.h"
#include "server/net/connection/chunk_decoder.h"
#include "server/net/connection/deadline.h"
#include "server/net/connection/stream.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// The body of a request, read piece by piece. Lifetime: `stream`, `deadline` and `buffer` are borrowed. Threads: the
/// stream's.
class BodyPieces {
 public:
  struct Limits {
    std::uint64_t bytes_max;
    RateLimit::Limits rate_limit;
  };
  /// What came with the head stands in `buffer`. `body_bytes` is the body's length; nothing: it comes in chunks, and
  /// its extensions and trailer fields are dropped.
  BodyPieces(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, std::optional<std::uint64_t> body_bytes,
             const Limits& limits);
  BodyPieces(const BodyPieces&) = delete;
  BodyPieces& operator=(const BodyPieces&) = delete;

  struct Piece {
    boost::system::error_code error = {};                  // the connection ended, or was too slow
    std::optional<proto::Problem> refusal = std::nullopt;  // it is no body that this server takes
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
  Awaitable<boost::system::error_code> receive();

  Stream& stream_;
  RateLimit rate_limit_;
  beast::flat_buffer& buffer_;
  ChunkDecoder chunks_;
  std::optional<std::uint64_t> left_bytes_;  // of a body whose length is known
};

}  // namespace sconce::server::net
