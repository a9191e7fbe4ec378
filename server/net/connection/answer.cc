#include "server/net/connection/answer.h"

#include <string_view>
#include <utility>

namespace sconce::server::net {

namespace {

constexpr std::string_view kReading = "reading what is to be sent";
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

}  // namespace sconce::server::net
