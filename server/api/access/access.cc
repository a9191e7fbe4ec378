#include "server/api/access/access.h"

#include "proto/http/access/token.h"
#include "server/api/access/token_hash.h"

namespace sconce::server::api {

using proto::HttpResult;
using proto::RequestError;

proto::Problem Caller::refusal() const {
  if (has_token_) return proto::problem_of(RequestError::forbidden, "the token does not allow this");
  return proto::problem_of(RequestError::unauthorized,
                           "this asks for a token: send `Authorization: Bearer` and the token");
}

HttpResult<void> Caller::check(proto::Rights rights, std::string_view name) const {
  if (may(rights, name)) return {};
  return std::unexpected(refusal());
}

HttpResult<void> Caller::check_somewhere(proto::Rights rights) const {
  if (proto::allows_somewhere(*grants_, rights)) return {};
  return std::unexpected(refusal());
}

Access::Access(proto::Anonymous anonymous)
    : anonymous_(std::make_shared<const proto::Grants>(proto::grants_of(anonymous))) {}

void Access::use(std::vector<proto::TokenRecord> records) {
  auto tokens = std::make_shared<Tokens>();
  for (proto::TokenRecord& record : records) {
    auto grants = std::make_shared<proto::Grants>(std::move(record.grants));
    grants->insert(grants->end(), anonymous_->begin(), anonymous_->end());
    const std::string id = record.id;
    tokens->emplace(id, Token{.record = std::move(record), .grants = std::move(grants)});
  }
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(tokens);
  asks_for_tokens_ = true;
}

std::shared_ptr<const Access::Tokens> Access::tokens() const {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

HttpResult<Caller> Access::identify(const RequestHead& head, std::chrono::system_clock::time_point now) const {
  if (!asks_for_tokens()) return anybody();
  const auto tokens = this->tokens();
  const auto sent = proto::bearer_of(head.value_of("authorization"));
  if (!sent) return anybody();
  const auto second = std::chrono::floor<std::chrono::seconds>(now);  // nanoseconds end in 2262
  const auto id = proto::token_id_of(*sent);
  const auto found = id ? tokens->find(*id) : tokens->end();
  const bool known = found != tokens->end() &&
                     same_in_constant_time(token_hash(found->second.record.salt, *sent), found->second.record.hash) &&
                     (!found->second.record.expires || second < *found->second.record.expires);
  if (!known) {
    return proto::refuse(RequestError::invalid_token, "the token is not known to this server, or has expired");
  }
  return Caller(found->second.grants, true);
}

}  // namespace sconce::server::api
