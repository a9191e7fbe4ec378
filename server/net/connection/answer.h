#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "server/http/message.h"
#include "server/observe/log.h"

namespace sconce::server::net {

/// Lifetime: `bytes` are the response's, until its next piece.
struct Piece {
  std::span<const std::byte> bytes;
  std::optional<core::Error> error = std::nullopt;  ///< Why there are no more bytes, where that is not the body's end.
};

/// A response, and the first piece of its body.
struct Answer {
  Response response;
  Piece first;
};

/// The next piece of the body; empty at its end, and where there is none. May block, so never on an I/O thread.
/// Threads: one at a time.
Piece next_piece(Response& response, observe::Log& log);

/// A body that fails at its first byte is answered with the problem of its error. To HEAD nothing is read. May block,
/// so never on an I/O thread, unless all of the body is in memory.
Answer answer_of(Response response, bool to_head, observe::Log& log);

/// What is counted of an answer of several pieces, whatever it holds: about two pieces.
inline constexpr std::uint64_t kAnswerCountedBytesMin = 2 << 20;

/// What is counted of an answer while it is sent: what it holds in memory, all of its body included where that is one
/// piece. Where that is little it is 0, so that failures can be told, and the server's health, when there is no memory
/// left.
std::uint64_t counted_bytes(const Answer& answer, bool to_head);

/// The same of a body of several pieces, once another one has been made.
std::uint64_t counted_bytes(const BodySource& body);

}  // namespace sconce::server::net
