#include "server/net/connection/request_body_loop.h"

#include <algorithm>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "server/net/connection/refusals.h"

namespace sconce::server::net {

namespace {

using std::chrono::milliseconds;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

constexpr std::uint64_t kWholeBodyBytesMax = 64 * 1024;
// A larger one comes in pieces of this size, whole chunks of the store, so that none is copied to be cut again.
constexpr std::size_t kBodyPieceBytes = 512 * 1024;
// What is left comes at once, up to this size: a piece is a trip to a bulk thread.
constexpr std::size_t kLastPieceBytesMax = 2 * kBodyPieceBytes + 64 * 1024;
// What the store holds of such a body beside the piece: a chunk, and the same in a block.
constexpr std::uint64_t kChunkHeldBytes = 512 * 1024;

/// `left_bytes` where that is known.
std::size_t next_piece_bytes(std::optional<std::uint64_t> left_bytes) {
  return left_bytes && *left_bytes <= kLastPieceBytesMax ? *left_bytes : kBodyPieceBytes;
}

/// The largest of them.
std::size_t piece_bytes_max(std::optional<std::uint64_t> body_bytes) {
  return body_bytes ? std::min<std::uint64_t>(*body_bytes, kLastPieceBytesMax) : kBodyPieceBytes;
}

}  // namespace

IncomingBody::IncomingBody(const HeadParser& parser) {
  if (!parser.chunked()) size_bytes = parser.content_length().value_or(0);
  const bool expects = parser.get().version() == 11 && parser.get().count(beast::http::field::expect) > 0;
  waits = expects && size_bytes != 0;
}

bool IncomingBody::is_read_whole() const { return size_bytes && *size_bytes <= kWholeBodyBytesMax && !waits; }

std::uint64_t IncomingBody::held_bytes() const {
  return is_read_whole() ? *size_bytes : piece_bytes_max(size_bytes) + kChunkHeldBytes;
}

Awaitable<RequestOutcome> RequestBodyLoop::run_whole(std::uint64_t size_bytes) {
  RequestOutcome outcome;
  std::string body(size_bytes, '\0');
  if (size_bytes > 0) {
    BodyPieces pieces(stream_, deadline_, buffer_, size_bytes, limits());
    const BodyPieces::Piece piece = co_await pieces.next(std::as_writable_bytes(std::span(body)));
    body_bytes_ = piece.size_bytes;
    if (piece.error) co_return co_await refuse(piece);
    std::optional<Response> response = request_.answer_from_memory(body);
    if (response) outcome.answer = answer_of(std::move(*response));
    if (response) co_return outcome;
  }
  const std::span<const std::byte> bytes = std::as_bytes(std::span(body));
  const Cost cost = request_.cost_of(bytes);
  if (cost == Cost::bulk) co_return co_await run_in_bulk(bytes);
  std::function<void(Completion)> serve = [&](Completion completion) {
    outcome.answer = begin(bytes.size());
    if (!outcome.answer) outcome.answer = put(bytes, true);
    carry_out(outcome.answer, std::move(completion));
  };
  WorkQueue& queue = context_.workers.queue_for(cost_);
  co_await run_until_complete(context_.workers, queue, cost == Cost::immediate, serve);
  if (!outcome.answer) outcome.answer = answer_of(handler_->finish());
  co_return outcome;
}

/// A body that is small, and becomes large.
Awaitable<RequestOutcome> RequestBodyLoop::run_in_bulk(std::span<const std::byte> body) {
  RequestOutcome outcome;
  std::function<void()> begin_it = [&] { outcome.answer = begin(body.size()); };
  co_await run_on(context_.workers.writes(), begin_it);
  if (!outcome.answer) outcome.answer = co_await take(body, true);
  if (outcome.answer) co_return outcome;
  co_return co_await finish();
}

/// Refuses before the body is read, if that can be told; says to a client that waits for it that it may send.
Awaitable<RequestOutcome> RequestBodyLoop::run_in_pieces(IncomingBody body) {
  RequestOutcome outcome;
  outcome.is_unread = true;
  std::function<void()> begin_it = [&] { outcome.answer = begin(body.size_bytes); };
  co_await run_on(context_.workers.writes(), begin_it);
  if (outcome.answer) co_return outcome;
  if (body.waits && !co_await say_continue()) co_return outcome;
  BodyPieces pieces(stream_, deadline_, buffer_, body.size_bytes, limits());
  co_return co_await take_pieces(pieces);
}

Awaitable<RequestOutcome> RequestBodyLoop::take_pieces(BodyPieces& pieces) {
  RequestOutcome outcome;
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(piece_bytes_max(pieces.left_bytes()));
  while (true) {
    const std::size_t wanted = next_piece_bytes(pieces.left_bytes());
    const BodyPieces::Piece piece = co_await pieces.next({buffer.get(), wanted});
    if (piece.error || piece.refusal) co_return co_await refuse(piece);
    body_bytes_ += piece.size_bytes;
    outcome.answer = co_await take({buffer.get(), piece.size_bytes}, piece.is_last);
    outcome.is_unread = !piece.is_last;
    if (outcome.answer) co_return outcome;
    if (piece.is_last) co_return co_await finish();
  }
}

/// What it returns is an answer before the request was carried out.
Awaitable<std::optional<Answer>> RequestBodyLoop::take(std::span<const std::byte> bytes, bool is_last) {
  std::optional<Answer> answer;
  std::function<void()> put_it = [&] { answer = put(bytes, is_last); };
  co_await run_on(context_.workers.bulk(), put_it);
  co_return answer;
}

/// The body has come.
Awaitable<RequestOutcome> RequestBodyLoop::finish() {
  RequestOutcome outcome;
  std::function<void(Completion)> carry = [&](Completion completion) {
    carry_out(outcome.answer, std::move(completion));
  };
  co_await run_until_complete(context_.workers, context_.workers.writes(), false, carry);
  if (!outcome.answer) outcome.answer = answer_of(handler_->finish());
  co_return outcome;
}

/// The body cannot be read.
Awaitable<RequestOutcome> RequestBodyLoop::refuse(const BodyPieces::Piece& piece) {
  RequestOutcome outcome;
  outcome.is_unread = true;
  std::function<void()> end = [&] { handler_.reset(); };
  if (handler_) co_await run_on(context_.workers.writes(), end);
  if (piece.refusal) {
    outcome.answer = answer_of(response_of(*piece.refusal));
  } else if (deadline_.passed()) {
    context_.metrics.limit_reached(observe::Limit::body_rate);
    outcome.answer = answer_of(response_of(body_too_slow()));
  }
  co_return outcome;
}

Awaitable<bool> RequestBodyLoop::say_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  deadline_.set(Deadline::Clock::now() + milliseconds(context_.options.write_timeout_ms));
  const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(kContinue), AsTuple());
  deadline_.clear();
  co_return !error;
}

/// On a worker, unless the request's cost is immediate. Returns the answer, if the request cannot begin.
std::optional<Answer> RequestBodyLoop::begin(std::optional<std::uint64_t> body_bytes) {
  HandlerOrResponse begun = request_.begin(body_bytes);
  if (!begun) return answer_of(std::move(begun.error()));
  handler_ = std::move(*begun);
  return std::nullopt;
}

/// The same. A request that fails is gone before that is said: it has files to remove, whose space the client may count
/// on.
std::optional<Answer> RequestBodyLoop::put(std::span<const std::byte> bytes, bool is_last) {
  OrResponse<void> taken = handler_->put(bytes);
  if (taken && is_last) taken = handler_->complete();
  if (taken) return std::nullopt;
  handler_.reset();
  return answer_of(std::move(taken.error()));
}

/// What follows when all of the body has been put. Still without an answer, the request is to be finished.
void RequestBodyLoop::carry_out(std::optional<Answer>& answer, Completion completion) {
  if (!answer && handler_->stores()) return handler_->store(std::move(completion));
  if (!answer) answer = answer_of(handler_->finish());
  completion();
}

BodyPieces::Limits RequestBodyLoop::limits() const {
  return {.bytes_max = context_.options.body_bytes_max,
          .rate_limit = {.grace = milliseconds(context_.options.body_timeout_ms),
                         .bytes_per_second_min = context_.options.bytes_per_second_min}};
}

}  // namespace sconce::server::net
