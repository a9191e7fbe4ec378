#include "server/net/connection/answer.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sconce::server::net {

namespace {

constexpr std::string_view kReading = "reading what is to be sent";
constexpr std::uint64_t kUncountedBytesMax = 16 * 1024;
constexpr unsigned kFirstOfServerErrors = 500;

Piece read_piece(Response& response) {
  if (response.body == nullptr) return {};
  const auto bytes = response.body->next();
  if (bytes) return {.bytes = *bytes};
  return {.bytes = {}, .error = bytes.error()};
}

}  // namespace

Piece next_piece(Response& response, observe::Log& log) {
  Piece piece = read_piece(response);
  if (piece.error) log.failed(kReading, *piece.error);
  return piece;
}

Answer answer_of(Response response, bool to_head, observe::Log& log) {
  Answer answer{std::move(response), {}};
  if (to_head) return answer;
  answer.first = read_piece(answer.response);
  if (!answer.first.error) return answer;
  answer.response = response_of(proto::problem_of(*answer.first.error, proto::Subject::stored_object));
  // The client is told of its own.
  if (answer.response.status >= kFirstOfServerErrors) log.failed(kReading, *answer.first.error);
  answer.first = next_piece(answer.response, log);
  return answer;
}

std::uint64_t counted_bytes(const Answer& answer, bool to_head) {
  if (answer.response.body == nullptr) return 0;
  const BodySource& body = *answer.response.body;
  const std::optional<std::uint64_t> size = to_head ? 0 : body.size_bytes();
  if (!size || *size > answer.first.bytes.size()) return counted_bytes(body);
  const std::uint64_t bytes = std::max(*size, body.held_bytes());
  return bytes > kUncountedBytesMax ? bytes : 0;
}

std::uint64_t counted_bytes(const BodySource& body) { return std::max(kAnswerCountedBytesMin, body.held_bytes()); }

}  // namespace sconce::server::net
