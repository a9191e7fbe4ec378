#include "tests/fuzz/read_head.h"

#include <boost/beast/http/parser.hpp>
#include <string>

#include "server/net/connection/head_scanner.h"
#include "server/net/connection/request_head.h"
#include "tests/fuzz/fuzz.h"

namespace sconce::tests {

namespace {

namespace http = boost::beast::http;

/// The length of a body is known in one way only.
void check_framing(const server::RequestHead& head, const http::request_parser<http::empty_body>& parser) {
  const std::string* const length = head.field("content-length");
  const std::string* const coding = head.field("transfer-encoding");
  require(length == nullptr || coding == nullptr, "a body has a length or a coding");
  require(parser.chunked() == (coding != nullptr), "the only coding is chunked");
  const auto known = parser.content_length();
  require(known.has_value() == (length != nullptr), "a length stands where it is known");
  if (length == nullptr) return;
  std::string digits = *length;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  require(std::to_string(*known) == digits, "a length is the number that stands there");
}

}  // namespace

std::optional<ReadHead> read_head(std::string_view bytes) {
  server::net::HeadScanner scanner(kHeadBytesMax);
  const proto::HttpResult<std::size_t> size = scanner.scan(bytes);
  if (!size || *size == 0) return std::nullopt;
  std::string head_bytes(bytes.substr(0, *size));
  char& minor_version = head_bytes.at(scanner.minor_version_offset());
  if (minor_version > '1') minor_version = '1';
  http::request_parser<http::empty_body> parser;
  parser.body_limit(boost::none);
  parser.header_limit(kHeadBytesMax);
  boost::system::error_code error;
  parser.put(boost::asio::const_buffer(head_bytes.data(), head_bytes.size()), error);
  if (error) return std::nullopt;
  require(parser.is_header_done(), "the scanner's end of a head is the parser's");
  auto head = server::net::request_head_of(parser.get(), false);
  if (!head) return std::nullopt;
  (void)server::net::would_go_on(parser.get());  // it returns, whatever it says
  check_framing(*head, parser);
  return ReadHead{std::move(*head), parser.get().version(), bytes.substr(*size)};
}

}  // namespace sconce::tests
