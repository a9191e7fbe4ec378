#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::cli {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// Reads the answer to one GET while it comes: HTTP/1.1, with a Content-Length, in chunks, or up to the end of the
/// connection. Memory is bounded by the limits, never by what the server claims.
///
///   status-line CRLF ( name ":" value CRLF )* CRLF body           Source: RFC 9112, sections 2 to 7.
///
/// Threads: one at a time.
class HttpAnswerReader {
 public:
  /// Stops a head that never ends; servers' are below 1 KiB.
  static constexpr std::size_t kHeadBytesMax = 16 * 1024;

  explicit HttpAnswerReader(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  /// The next bytes; any split gives the same answer. Errors: malformed; limit_exceeded (the head, the body).
  core::Status put(std::string_view bytes);
  /// The connection has ended. Errors: truncated.
  core::Status finish();

  bool done() const { return state_ == State::done; }
  HttpAnswer take() { return std::move(answer_); }

 private:
  enum class State : std::uint8_t {
    status_line,
    fields,
    sized_body,
    endless_body,
    chunk_size,
    chunk,
    chunk_end,
    trailer,
    done
  };

  core::Result<bool> step();
  core::Result<bool> step_line();
  core::Status take_line(std::string_view line);
  core::Status take_status(std::string_view line);
  core::Status take_field(std::string_view line);
  core::Status take_chunk_size(std::string_view line);
  void end_of_head();
  core::Result<bool> take_sized(State next);
  core::Result<bool> take_endless();
  core::Status check_body(std::uint64_t more_bytes) const;

  const std::size_t body_bytes_max_;
  State state_ = State::status_line;
  std::string held_;            // not yet read
  std::size_t read_ = 0;        // of it
  std::size_t head_bytes_ = 0;  // of lines
  std::optional<std::uint64_t> length_;
  bool chunked_ = false;
  std::uint64_t left_ = 0;  // of the body, or of a chunk
  HttpAnswer answer_;
};

}  // namespace sconce::cli
