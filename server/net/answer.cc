#include "server/net/answer.h"

#include <utility>

namespace sconce::server::net {

Piece next_piece(api::Response& response, observe::Log& log) {
  if (response.body == nullptr) return {};
  const auto bytes = response.body->next();
  if (bytes) return {.bytes = *bytes};
  log.failed("reading what is to be sent", bytes.error());
  return {.bytes = {}, .error = bytes.error()};
}

Answer answer_of(api::Response response, bool to_head, observe::Log& log) {
  Answer answer{std::move(response), {}};
  if (to_head) return answer;
  answer.first = next_piece(answer.response, log);
  if (!answer.first.error) return answer;
  answer.response = api::response_of(proto::problem_of(*answer.first.error, proto::Subject::stored_object));
  answer.first = next_piece(answer.response, log);
  return answer;
}

}  // namespace sconce::server::net
