#include "server/net/refusals.h"

#include <boost/beast/http/error.hpp>

namespace sconce::server::net {

namespace {

namespace http = boost::beast::http;
using proto::Refusal;

bool is_http_error(const boost::system::error_code& error) {
  return error && error.category() == http::make_error_code(http::error::bad_method).category();
}

}  // namespace

proto::Problem body_too_large(std::uint64_t bytes_max) {
  return proto::problem_of(Refusal::body_too_large, "the body is larger than the " + std::to_string(bytes_max) +
                                                        " bytes that this server takes");
}

proto::Problem body_too_slow() { return proto::problem_of(Refusal::request_timeout, "the body came too slowly"); }

std::optional<proto::Problem> problem_of_body(const boost::system::error_code& error, std::uint64_t bytes_max) {
  if (error == http::error::body_limit) return body_too_large(bytes_max);
  if (error == http::error::buffer_overflow) {
    return proto::problem_of(Refusal::header_too_large, "a chunk's line, or the trailer section, is too large");
  }
  if (!is_http_error(error) || error == http::error::partial_message) return std::nullopt;
  return proto::problem_of(Refusal::bad_request, "the body: " + error.message());
}

api::Response overloaded() {
  api::Response response = api::response_of(
      proto::problem_of(Refusal::overloaded, "there is too much to do at the moment; send it again later"));
  response.fields.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace sconce::server::net
