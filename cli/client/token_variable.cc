#include "cli/client/token_variable.h"

#include <cstdlib>

#include "proto/http/access/token.h"

namespace sconce::cli {

core::Result<std::string> token_variable() {
  const char* const text = std::getenv("SCONCE_TOKEN");
  if (text == nullptr || *text == '\0' || proto::is_bearer(text)) return std::string(text == nullptr ? "" : text);
  return core::fail(core::ErrorCode::invalid_argument, "what SCONCE_TOKEN holds is no token");
}

}  // namespace sconce::cli
