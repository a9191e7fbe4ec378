#pragma once

#include <optional>
#include <span>

#include "server/api/http_message.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// Takes requests to their endpoints. All functions may block, so never on an I/O thread. Threads: safe from many.
class Api {
 public:
  explicit Api(const ApiContext& context) : context_(context), objects_(context) {}

  /// Whether a request can succeed, as far as that can be told before its body: the refusal, or nothing.
  std::optional<Response> refuse(const RequestHead& head) const;

  Response handle(const RequestHead& head, std::span<const std::byte> body) const;

 private:
  ApiContext context_;
  Objects objects_;
};

}  // namespace sconce::server::api
