#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/class_layout.h"
#include "server/api/http_message.h"
#include "server/observe/log.h"
#include "server/storage/store.h"

namespace sconce::server::api {

/// What the endpoints work with. Borrowed; outlives them.
struct ApiContext {
  storage::Store& store;
  observe::Log& log;
  const core::ClassLayouts& classes;
  std::uint64_t expanded_bytes_max;
};

/// The endpoints of one object. All may block. Threads: safe from many.
///
/// PUT stores the canonical bytes: a body in binary is validated and stored as it came; one in another format, or one
/// that was written with `referenced` false and repeats an index, is transcoded.
class Objects {
 public:
  explicit Objects(const ApiContext& context) : context_(context) {}

  /// Whether a PUT can succeed, as far as that can be told before its body: the refusal, or nothing.
  std::optional<Response> refuse_put(const RequestHead& head, std::string_view encoded_key) const;
  Response put(const RequestHead& head, std::string_view encoded_key, std::span<const std::byte> body) const;

  /// GET and HEAD.
  Response read(const RequestHead& head, std::string_view encoded_key) const;
  Response remove(const RequestHead& head, std::string_view encoded_key) const;

 private:
  ApiContext context_;
};

}  // namespace sconce::server::api
