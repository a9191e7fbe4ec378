#include "server/net/head_scanner.h"

#include <string>

namespace sconce::server::net {

namespace {

using proto::Refusal;
using proto::refuse;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// A byte that may stand within a line, whatever it means there.
bool is_text(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value >= 0x20 && value != 0x7f) || byte == '\t';
}

/// `METHOD target HTTP/1.x`, as far as the version; the rest is for the parser.
proto::Answer<void> check_version(std::string_view line) {
  constexpr std::string_view kLike = " HTTP/1.1";
  const std::string_view end = line.substr(line.size() - std::min(line.size(), kLike.size()));
  if (!end.starts_with(" HTTP/") || end.size() < kLike.size() || !is_digit(end[6]) || end[7] != '.' ||
      !is_digit(end[8])) {
    return refuse(Refusal::bad_request, "the request line does not end with a version such as HTTP/1.1");
  }
  if (end[6] != '1') return refuse(Refusal::version_not_supported, "this server speaks HTTP/1.1 and HTTP/1.0");
  return {};
}

}  // namespace

proto::Answer<std::size_t> HeadScanner::scan(std::string_view bytes) {
  const std::size_t end = std::min(bytes.size(), bytes_max_);
  for (; done_ < end; ++done_) {
    if (is_text(bytes[done_])) [[likely]]
      continue;
    if (bytes[done_] == '\n') return refuse(Refusal::bad_request, "a line of the head ends without a CR");
    if (bytes[done_] != '\r') return refuse(Refusal::bad_request, "a control byte in the head");
    if (done_ + 1 == end) break;
    if (bytes[done_ + 1] != '\n') return refuse(Refusal::bad_request, "a CR in the head that ends no line");
    const std::string_view line = bytes.substr(line_begin_, done_ - line_begin_);
    if (line.empty() && first_line_end_ != 0) return done_ + 2;
    if (auto ended = end_line(line); !ended) return std::unexpected(std::move(ended.error()));
    ++done_;
    line_begin_ = done_ + 1;
  }
  if (bytes.size() >= bytes_max_) return too_large(bytes);
  return 0;
}

proto::Answer<void> HeadScanner::end_line(std::string_view line) {
  if (first_line_end_ == 0) {
    first_line_end_ = line_begin_ + line.size();
    return check_version(line);
  }
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return refuse(Refusal::bad_request, "a line of the head begins with a blank; folded lines are not taken");
  }
  return {};
}

std::unexpected<proto::Problem> HeadScanner::too_large(std::string_view bytes) const {
  const std::string more_than = " is larger than " + std::to_string(bytes_max_) + " bytes";
  if (first_line_end_ != 0) return refuse(Refusal::header_too_large, "the head" + more_than);
  if (bytes.substr(0, bytes_max_).find(' ') == std::string_view::npos) {
    return refuse(Refusal::not_implemented, "the method" + more_than);
  }
  return refuse(Refusal::uri_too_long, "the target" + more_than);
}

}  // namespace sconce::server::net
