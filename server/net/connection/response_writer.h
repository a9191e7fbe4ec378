#pragma once

#include <cstdint>

#include "server/net/connection/answer.h"
#include "server/net/connection/answer_head.h"
#include "server/net/connection/deadline.h"
#include "server/net/connection/stream.h"
#include "server/net/session_context.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// Writes answers, piece by piece; head and first piece go in one write. Lifetime: `stream`, `deadline` and what
/// `context` names are borrowed. Threads: the stream's.
class ResponseWriter {
 public:
  ResponseWriter(Stream& stream, Deadline& deadline, const SessionContext& context)
      : stream_(stream), deadline_(deadline), context_(context) {}

  struct Written {
    std::uint64_t body_bytes = 0;
    bool whole = false;       // otherwise the client sees by the connection's end that the answer is cut off
    bool failed = false;      // the client takes no more
    bool keep_alive = false;  // the connection can go on
  };
  /// `answer` and `share` are borrowed. While one piece is sent, the next is made. `share` is what is counted of the
  /// answer, and follows what it holds; null: nothing is counted.
  Awaitable<Written> write(Answer& answer, Framing framing, MemoryBudget::Share* share);

 private:
  class PieceFrame;
  Awaitable<void> write_piece(const PieceFrame& frame, RateLimit& rate_limit);

  Stream& stream_;
  Deadline& deadline_;
  const SessionContext& context_;
  bool failed_ = false;
};

}  // namespace sconce::server::net
