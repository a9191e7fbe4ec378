#include "core/error.h"

#include <utility>

namespace sconce::core {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::truncated: return "truncated";
    case ErrorCode::trailing_bytes: return "trailing_bytes";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
    case ErrorCode::unrepresentable: return "unrepresentable";
    case ErrorCode::unknown_format: return "unknown_format";
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::io_error: return "io_error";
    case ErrorCode::no_space: return "no_space";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::unavailable: return "unavailable";
  }
  std::unreachable();
}

std::string to_string(const Error& error) {
  std::string text(name_of(error.code));
  if (error.offset) text += ": byte " + std::to_string(*error.offset);
  if (error.path) text += ": at " + (error.path->empty() ? std::string("(root)") : *error.path);
  return text + ": " + error.what;
}

}  // namespace sconce::core
