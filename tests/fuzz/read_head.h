#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "server/http/message.h"

namespace sconce::tests {

// As of a server, but smaller.
inline constexpr std::size_t kHeadBytesMax = 4096;

/// A head as it comes from a connection.
struct ReadHead {
  server::RequestHead head;
  unsigned version = 11;    // 10: HTTP/1.0
  std::string_view behind;  // the bytes that follow it
};

/// Reads it as the server does. Nothing if it is refused, or if its end has not come.
std::optional<ReadHead> read_head(std::string_view bytes);

}  // namespace sconce::tests
