#include "server/net/connection/answer_head.h"

#include <charconv>
#include <chrono>

#include "proto/http/fields/http_date.h"
#include "proto/http/problem.h"

namespace sconce::server::net {

namespace {

// Most heads are shorter.
constexpr std::size_t kUsualHeadBytes = 512;

/// An HTTP/1.0 client, which cannot be told a length that is not known before, sees it by the connection's end.
BodyEnd body_end(const Response& response, const Framing& framing) {
  if (response.status == 204 || response.status == 304) return BodyEnd::at_once;
  const std::optional<std::uint64_t> size = response.body == nullptr ? 0 : response.body->size_bytes();
  if (size) return BodyEnd::at_length;
  if (framing.to_head) return BodyEnd::at_once;
  return framing.request_version < 11 ? BodyEnd::at_close : BodyEnd::at_last_chunk;
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// The date as a field has it, made once a second.
const std::string& date_now() {
  thread_local std::chrono::sys_seconds made{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now != made || text.empty()) {
    text = proto::http_date(now);
    made = now;
  }
  return text;
}

}  // namespace

AnswerHead head_of(const Response& response, const Framing& framing) {
  AnswerHead head{.bytes = {}, .end = body_end(response, framing), .keep_alive = framing.keep_alive};
  if (head.end == BodyEnd::at_close) head.keep_alive = false;
  std::string& out = head.bytes;
  out.reserve(kUsualHeadBytes);
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  out.append(" ").append(proto::reason_of(response.status)).append("\r\n");
  append_field(out, "Server", "sconce");
  append_field(out, "Date", date_now());
  for (const Field& field : response.fields) append_field(out, field.name, field.value);
  if (head.end == BodyEnd::at_length) {
    out += "Content-Length: ";
    append_number(out, response.body == nullptr ? 0 : *response.body->size_bytes());
    out += "\r\n";
  }
  if (head.end == BodyEnd::at_last_chunk) append_field(out, "Transfer-Encoding", "chunked");
  if (!head.keep_alive) append_field(out, "Connection", "close");
  else if (framing.request_version < 11) append_field(out, "Connection", "keep-alive");
  out += "\r\n";
  return head;
}

}  // namespace sconce::server::net
