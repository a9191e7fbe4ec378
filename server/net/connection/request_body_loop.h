#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "server/net/connection/answer.h"
#include "server/net/connection/body_pieces.h"
#include "server/net/connection/deadline.h"
#include "server/net/connection/head_reader.h"
#include "server/net/connection/stream.h"
#include "server/net/handler.h"
#include "server/net/run_on.h"
#include "server/net/session_context.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// The body of a request, which has yet to come.
struct IncomingBody {
  explicit IncomingBody(const HeadParser& parser);

  /// Whether it is read whole before the request begins, and goes to a worker once.
  bool is_read_whole() const;
  /// What the request holds in memory while it comes.
  std::uint64_t held_bytes() const;

  std::optional<std::uint64_t> size_bytes;  ///< Nothing: it comes in chunks.
  bool waits = false;                       ///< The client sends it once it is told to.
};

/// How serving a request ended.
struct RequestOutcome {
  std::optional<Answer> answer = std::nullopt;  ///< Nothing: the connection has ended.
  bool is_unread = false;                       ///< Not all of the request was read, so the connection ends, too.
};

/// Takes the body of one request to its handler, on the threads that this needs, and makes the answer. What the handler
/// has not taken is not read, so that a client sends no faster than the store takes. Lifetime: all is borrowed.
/// Threads: the stream's.
class RequestBodyLoop {
 public:
  /// Of a plan that has a request.
  RequestBodyLoop(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, const SessionContext& context,
                  const Plan& plan, bool to_head)
      : stream_(stream),
        deadline_(deadline),
        buffer_(buffer),
        context_(context),
        request_(**plan.request),
        cost_(plan.cost),
        to_head_(to_head) {}

  /// Called once.
  Awaitable<RequestOutcome> run(IncomingBody body) {
    return body.is_read_whole() ? run_whole(*body.size_bytes) : run_in_pieces(body);
  }

  /// As many as came.
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  Awaitable<RequestOutcome> run_whole(std::uint64_t size_bytes);
  Awaitable<RequestOutcome> run_in_pieces(IncomingBody body);
  Awaitable<RequestOutcome> run_in_bulk(std::span<const std::byte> body);
  Awaitable<RequestOutcome> take_pieces(BodyPieces& pieces);
  Awaitable<std::optional<Answer>> take(std::span<const std::byte> bytes, bool is_last);
  Awaitable<RequestOutcome> finish();
  Awaitable<RequestOutcome> refuse(const BodyPieces::Piece& piece);
  Awaitable<bool> say_continue();

  std::optional<Answer> begin(std::optional<std::uint64_t> body_bytes);
  std::optional<Answer> put(std::span<const std::byte> bytes, bool is_last);
  void carry_out(std::optional<Answer>& answer, Completion completion);
  Answer answer_of(Response response) const { return net::answer_of(std::move(response), to_head_, context_.log); }
  BodyPieces::Limits limits() const;

  Stream& stream_;
  Deadline& deadline_;
  beast::flat_buffer& buffer_;
  const SessionContext& context_;
  PlannedRequest& request_;
  const Cost cost_;
  const bool to_head_;
  std::unique_ptr<RequestHandler> handler_;  // once the request has begun
  std::uint64_t body_bytes_ = 0;
};

}  // namespace sconce::server::net
