#include "server/net/connection/request_head.h"

#include <algorithm>
#include <boost/beast/http/rfc7230.hpp>

#include "core/ascii.h"
#include "server/net/request_target.h"

namespace sconce::server::net {

namespace {

namespace http = boost::beast::http;
using proto::RequestError;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

void add_field(std::vector<Field>& fields, std::string name, std::string_view value) {
  const auto known = std::ranges::find(fields, name, &Field::name);
  if (known == fields.end()) {
    fields.push_back({std::move(name), std::string(value)});
  } else {
    known->value.append(", ").append(value);
  }
}

void set_field(std::vector<Field>& fields, std::string name, std::string_view value) {
  std::erase_if(fields, [&name](const Field& field) { return field.name == name; });
  fields.push_back({std::move(name), std::string(value)});
}

using Message = http::request<http::empty_body>;

proto::HttpResult<void> check_host(const Message& message) {
  const std::size_t count = message.count(http::field::host);
  if (count > 1 || (count == 0 && message.version() == 11)) {
    return proto::refuse(RequestError::bad_request, "HTTP/1.1 asks for one Host field");
  }
  if (count == 0 || is_host(view_of(message[http::field::host]))) return {};
  return proto::refuse(RequestError::bad_request, "the Host field is no host");
}

/// Several lines are one list. Source: RFC 9110, section 5.3.
std::string coding_list(const Message& message) {
  std::string list;
  const auto [begin, end] = message.equal_range(http::field::transfer_encoding);
  for (auto line = begin; line != end; ++line) {
    if (line != begin) list += ", ";
    list += core::to_lower(view_of(line->value()));
  }
  return list;
}

/// A body whose end cannot be known, or that another reader may see elsewhere, would be taken for the next request.
/// Source: RFC 9112, sections 6.1 and 6.3.
proto::HttpResult<void> check_codings(const Message& message) {
  const std::size_t count = message.count(http::field::transfer_encoding);
  if (count == 0) return {};
  if (message.version() < 11) return proto::refuse(RequestError::bad_request, "HTTP/1.0 knows no Transfer-Encoding");
  if (message.count(http::field::content_length) > 0) {
    return proto::refuse(RequestError::bad_request, "Transfer-Encoding and Content-Length exclude each other");
  }
  const std::string codings = coding_list(message);
  if (codings == "chunked") return {};
  const std::size_t last_comma = codings.rfind(',');
  const std::size_t last = last_comma == std::string::npos ? 0 : codings.find_first_not_of(" \t", last_comma + 1);
  const bool chunked_once =
      last != std::string::npos && codings.find("chunked") == last && codings.substr(last) == "chunked";
  if (chunked_once && codings.find_first_not_of(", \t") != last) {
    return proto::refuse(RequestError::not_implemented, "of all transfer codings only chunked is known");
  }
  return proto::refuse(RequestError::bad_request, "chunked must be the last transfer coding, and appear once");
}

/// Beast takes `6, 6` for 6; another may take it for something else.
proto::HttpResult<void> check_length(const Message& message) {
  const std::size_t count = message.count(http::field::content_length);
  if (count == 0) return {};
  const std::string_view length = view_of(message[http::field::content_length]);
  if (count == 1 && length.find_first_not_of("0123456789") == std::string_view::npos) return {};
  return proto::refuse(RequestError::bad_request, "Content-Length must appear once, and be one number");
}

/// Source: RFC 9110, section 10.1.1.
proto::HttpResult<void> check_expectation(const Message& message) {
  const auto expect = message.find(http::field::expect);
  if (expect == message.end() || message.version() < 11) return {};
  if (message.count(http::field::expect) == 1 && boost::beast::iequals(expect->value(), "100-continue")) return {};
  return proto::refuse(RequestError::expectation_failed, "of all expectations only 100-continue is known");
}

}  // namespace

proto::HttpResult<RequestHead> request_head_of(const Message& message, bool is_tls) {
  for (const auto check : {check_host, check_codings, check_length, check_expectation}) {
    if (auto checked = check(message); !checked) return std::unexpected(std::move(checked.error()));
  }
  const auto target = local_target_of(view_of(message.method_string()), view_of(message.target()), is_tls);
  if (!target) return std::unexpected(target.error());
  RequestHead head{.method = std::string(view_of(message.method_string())),
                   .path = std::string(target->path),
                   .query = std::string(target->query),
                   .fields = {}};
  for (const auto& field : message)
    add_field(head.fields, core::to_lower(view_of(field.name_string())), view_of(field.value()));
  if (!target->host.empty()) set_field(head.fields, "host", target->host);
  return head;
}

bool would_go_on(const Message& message) {
  bool keeps = message.version() >= 11;
  const auto [begin, end] = message.equal_range(http::field::connection);
  for (auto field = begin; field != end; ++field) {
    http::token_list tokens(field->value());
    if (tokens.exists("close")) return false;
    keeps = keeps || tokens.exists("keep-alive");
  }
  return keeps;
}

}  // namespace sconce::server::net
