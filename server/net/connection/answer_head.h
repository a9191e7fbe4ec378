#pragma once

#include <cstdint>
#include <string>

#include "server/http/message.h"

namespace sconce::server::net {

/// What of a request decides how its answer is framed.
struct Framing {
  unsigned request_version = 11;  // 10: a client that knows no chunks
  bool to_head = false;
  bool keep_alive = false;  // both sides would go on
};

/// Where the body of an answer ends. Source: RFC 9112, section 6.3.
enum class BodyEnd : std::uint8_t { at_once, at_length, at_last_chunk, at_close };

/// The head of an answer, in one buffer to be sent with what follows it.
struct AnswerHead {
  std::string bytes;
  BodyEnd end = BodyEnd::at_once;
  bool keep_alive = false;  // the connection can go on
};

/// Threads: safe from many. Source: RFC 9112, sections 4, 6 and 9.3; RFC 9110, section 2.5 for the version.
AnswerHead head_of(const Response& response, const Framing& framing);

}  // namespace sconce::server::net
