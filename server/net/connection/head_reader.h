#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <optional>

#include "proto/http/problem.h"
#include "server/net/connection/deadline.h"
#include "server/net/connection/stream.h"
#include "server/net/types.h"

namespace sconce::server::net {

using HeadParser = beast::http::request_parser<beast::http::empty_body>;

/// How reading a head ended: well, unless one of the first two says more.
struct HeadRead {
  boost::system::error_code error = {};                  // the connection ended, or was too slow
  std::optional<proto::Problem> refusal = std::nullopt;  // it is no head that this server takes
  bool to_head = false;                                  // the method is HEAD; known of what is refused, too
};

struct HeadLimits {
  std::size_t bytes_max;
  std::chrono::milliseconds idle;   ///< Until its first byte.
  std::chrono::milliseconds whole;  ///< From there until its end.
};

/// Reads one head from `buffer` and then `stream` into `parser`; what came behind it stays in `buffer`, which must have
/// room for more than a head. `idle` is true while nothing of it has come. What came too late is refused, unless
/// nothing came. Lifetime: all are borrowed. Threads: the stream's.
Awaitable<HeadRead> read_head(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, HeadParser& parser,
                              HeadLimits limits, bool& idle);

}  // namespace sconce::server::net
