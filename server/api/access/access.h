#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http/access/rights.h"
#include "proto/http/access/token_file.h"
#include "proto/http/problem.h"
#include "proto/http/requests/routes.h"
#include "server/http/message.h"

namespace sconce::server::api {

/// Who asks, as far as it matters: what they may do. It stays what it was when the request began. Cheap to copy.
/// Threads: safe from many.
class Caller {
 public:
  /// Whether one of `rights` is granted for `name`: a key, or what all keys of a listing begin with.
  bool may(proto::Rights rights, std::string_view name) const { return proto::allows(*grants_, rights, name); }

  /// Errors: unauthorized, forbidden. What they say never depends on `name` or on what is stored.
  proto::HttpResult<void> check(proto::Rights rights, std::string_view name) const;
  /// The same for any name at all.
  proto::HttpResult<void> check_somewhere(proto::Rights rights) const;

  /// Whether it brought a token that holds.
  bool has_token() const { return has_token_; }

 private:
  friend class Access;
  Caller(std::shared_ptr<const proto::Grants> grants, bool has_token)
      : grants_(std::move(grants)), has_token_(has_token) {}
  proto::Problem refusal() const;

  std::shared_ptr<const proto::Grants> grants_;
  bool has_token_;
};

/// Who may do what. Threads: safe from many.
class Access {
 public:
  /// What everybody may do, with a token or without.
  explicit Access(proto::Anonymous anonymous);

  /// From now on these tokens hold, and no others. Before the first call an Authorization field is not looked at, so
  /// that one that means something to others does no harm.
  void use(std::vector<proto::TokenRecord> tokens);

  /// Whether `use` was called, also with no tokens.
  bool asks_for_tokens() const { return asks_for_tokens_; }

  /// Who brings no token.
  Caller anybody() const { return {anonymous_, false}; }

  /// Errors: invalid_token: one was sent, and is not known, or has expired. Which of them is not told.
  proto::HttpResult<Caller> identify(const RequestHead& head, std::chrono::system_clock::time_point now) const;

 private:
  struct Token {
    proto::TokenRecord record;
    std::shared_ptr<const proto::Grants> grants;  // those of everybody too
  };
  using Tokens = std::map<std::string, Token, std::less<>>;

  std::shared_ptr<const Tokens> tokens() const;

  const std::shared_ptr<const proto::Grants> anonymous_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Tokens> tokens_;  // null before the first `use`
  std::atomic<bool> asks_for_tokens_ = false;
};

}  // namespace sconce::server::api
