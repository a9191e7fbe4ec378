#include "server/net/response_message.h"

#include <chrono>

#include "proto/problem.h"
#include "server/api/object_headers.h"

namespace sconce::server::net {

namespace {

namespace http = boost::beast::http;
using Message = http::response<http::buffer_body>;

/// Says where the body ends. False: an HTTP/1.0 client, which cannot be told the length, sees it by the connection's
/// end.
bool set_length(Message& message, const api::Response& response, const Framing& framing) {
  if (response.status == 204 || response.status == 304) return true;
  const std::optional<std::uint64_t> size = response.body == nullptr ? 0 : response.body->size_bytes();
  if (size) {
    message.content_length(*size);
    return true;
  }
  if (framing.to_head) return true;
  if (framing.request_version < 11) return false;
  message.chunked(true);
  return true;
}

}  // namespace

Message message_of(const api::Response& response, const Framing& framing) {
  Message message;
  message.version(11);
  message.result(response.status);
  const std::string_view reason = proto::reason_of(response.status);
  message.reason({reason.data(), reason.size()});
  message.set(http::field::server, "sconce");
  message.set(http::field::date, api::http_date(std::chrono::system_clock::now()));
  for (const api::Field& field : response.fields) message.set(field.name, field.value);
  const bool keep_alive = set_length(message, response, framing) && framing.keep_alive;
  if (!keep_alive) message.set(http::field::connection, "close");
  else if (framing.request_version < 11) message.set(http::field::connection, "keep-alive");
  return message;
}

}  // namespace sconce::server::net
