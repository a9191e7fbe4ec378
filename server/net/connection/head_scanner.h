#pragma once

#include <cstddef>
#include <string_view>

#include "proto/http/problem.h"

namespace sconce::server::net {

/// Finds the end of a request's head, and refuses bytes that another reader of the same head could take for something
/// else: a CR or LF that ends no line, a line folded over the next, a control byte. So that nobody waits for the rest
/// of what can only be refused, a line that is none is refused where it ends: the request line by its method, the bytes
/// of its target and its version, the others by their names. One pass; nothing is allocated but for a refusal. What the
/// lines mean is for the parser. Threads: one at a time. Source: RFC 9112, sections 2.2, 2.3, 3 and 5.
class HeadScanner {
 public:
  /// `bytes_max` stops a head that never ends.
  explicit HeadScanner(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// `bytes` are all that have come, from the first of the head; those of the last call need not stand where they
  /// stood. Returns the number of bytes of the head, 0 if more of it must come. Errors: bad_request,
  /// version_not_supported, uri_too_long, header_too_large, not_implemented (a method without an end).
  proto::HttpResult<std::size_t> scan(std::string_view bytes);

  /// Where, behind the request line, the digit is that says which HTTP/1 it is.
  std::size_t minor_version_offset() const { return first_line_end_ - 1; }

 private:
  proto::HttpResult<void> end_line(std::string_view line);
  std::unexpected<proto::Problem> too_large(std::string_view bytes) const;

  const std::size_t bytes_max_;
  std::size_t done_ = 0;            // bytes that have been looked at
  std::size_t line_begin_ = 0;      // of the line under way
  std::size_t first_line_end_ = 0;  // 0: it has not ended
};

}  // namespace sconce::server::net
