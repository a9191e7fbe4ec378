#include "server/net/connection/head_scanner.h"

#include <string>

#include "core/ascii.h"
#include "proto/http/fields/token_characters.h"
#include "server/net/request_target.h"

namespace sconce::server::net {

namespace {

using proto::refuse;
using proto::RequestError;

/// A byte that may stand within a line, whatever it means there.
bool is_text(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value >= 0x20 && value != 0x7f) || byte == '\t';
}

constexpr std::string_view kVersionLike = " HTTP/1.1";

/// `line` ends with a version that is spoken here.
proto::HttpResult<void> check_version(std::string_view line) {
  const std::string_view end = line.substr(line.size() - std::min(line.size(), kVersionLike.size()));
  if (!end.starts_with(" HTTP/") || end.size() < kVersionLike.size() || !core::is_digit(end[6]) || end[7] != '.' ||
      !core::is_digit(end[8])) {
    return refuse(RequestError::bad_request, "the request line does not end with a version such as HTTP/1.1");
  }
  if (end[6] != '1') return refuse(RequestError::version_not_supported, "this server speaks HTTP/1.1 and HTTP/1.0");
  return {};
}

/// As much of it as has come.
proto::HttpResult<void> check_method(std::string_view line) {
  const std::size_t size = proto::kTokenCharacters.end_of_run(line);
  if (size == line.size() || (line[size] == ' ' && size > 0)) return {};
  return refuse(RequestError::bad_request,
                "the request line does not begin with a method, which is a token and a blank");
}

/// `METHOD target HTTP/1.x`. What the target means is looked at later.
proto::HttpResult<void> check_request_line(std::string_view line) {
  if (auto version = check_version(line); !version) return version;
  if (auto method = check_method(line); !method) return method;
  line.remove_suffix(kVersionLike.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || blank + 1 == line.size()) {
    return refuse(RequestError::bad_request, "the request line has no target");
  }
  if (is_target_text(line.substr(blank + 1))) return {};
  return refuse(RequestError::bad_request, "a byte in the target of the request that must be percent-encoded");
}

/// `name: value`.
proto::HttpResult<void> check_field(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return refuse(RequestError::bad_request, "a line of the head begins with a blank; folded lines are not taken");
  }
  const std::size_t size = proto::kTokenCharacters.end_of_run(line);
  if (size > 0 && size < line.size() && line[size] == ':') return {};
  return refuse(RequestError::bad_request,
                "a line of the head does not begin with a name, which is a token, and a colon");
}

}  // namespace

proto::HttpResult<std::size_t> HeadScanner::scan(std::string_view bytes) {
  const std::size_t end = std::min(bytes.size(), bytes_max_);
  for (; done_ < end; ++done_) {
    if (is_text(bytes[done_])) [[likely]]
      continue;
    if (bytes[done_] == '\n') return refuse(RequestError::bad_request, "a line of the head ends without a CR");
    if (bytes[done_] != '\r') return refuse(RequestError::bad_request, "a control byte in the head");
    if (done_ + 1 == end) break;
    if (bytes[done_ + 1] != '\n') return refuse(RequestError::bad_request, "a CR in the head that ends no line");
    const std::string_view line = bytes.substr(line_begin_, done_ - line_begin_);
    if (line.empty() && first_line_end_ != 0) return done_ + 2;
    if (auto ended = end_line(line); !ended) return std::unexpected(std::move(ended.error()));
    ++done_;
    line_begin_ = done_ + 1;
  }
  if (first_line_end_ == 0) {
    if (const auto method = check_method(bytes.substr(0, done_)); !method) return std::unexpected(method.error());
  }
  if (bytes.size() >= bytes_max_) return too_large(bytes);
  return 0;
}

proto::HttpResult<void> HeadScanner::end_line(std::string_view line) {
  if (first_line_end_ != 0) return check_field(line);
  first_line_end_ = line_begin_ + line.size();
  return check_request_line(line);
}

std::unexpected<proto::Problem> HeadScanner::too_large(std::string_view bytes) const {
  const std::string more_than = " is larger than " + std::to_string(bytes_max_) + " bytes";
  if (first_line_end_ != 0) return refuse(RequestError::header_too_large, "the head" + more_than);
  if (bytes.substr(0, bytes_max_).find(' ') == std::string_view::npos) {
    return refuse(RequestError::not_implemented, "the method" + more_than);
  }
  return refuse(RequestError::uri_too_long, "the target" + more_than);
}

}  // namespace sconce::server::net
