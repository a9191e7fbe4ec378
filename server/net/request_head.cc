#include "server/net/request_head.h"

#include <algorithm>

namespace sconce::server::net {

namespace {

namespace http = boost::beast::http;
using proto::Refusal;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  });
  return lowered;
}

/// The path and query of a target in origin form (`/path`) or absolute form (`http://host/path`).
std::string_view local_part(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (!target.starts_with(kScheme)) return target;
  const std::size_t slash = target.find('/', kScheme.size());
  return slash == std::string_view::npos ? "/" : target.substr(slash);
}

void add_field(std::vector<api::Field>& fields, std::string name, std::string_view value) {
  const auto known = std::ranges::find(fields, name, &api::Field::name);
  if (known == fields.end()) {
    fields.push_back({std::move(name), std::string(value)});
  } else {
    known->value.append(", ").append(value);
  }
}

}  // namespace

proto::Answer<api::RequestHead> request_head_of(const http::request<http::empty_body>& message) {
  if (message.version() == 11 && message.count(http::field::host) != 1) {
    return proto::refuse(Refusal::bad_request, "HTTP/1.1 asks for one Host field");
  }
  // A body whose end cannot be known would be taken for the next request.
  const auto coding = message.find(http::field::transfer_encoding);
  if (coding != message.end() && !boost::beast::iequals(coding->value(), "chunked")) {
    return proto::refuse(Refusal::not_implemented, "of all transfer codings only chunked is known");
  }
  const std::string_view target = local_part(view_of(message.target()));
  if (!target.starts_with('/')) return proto::refuse(Refusal::bad_request, "the target of the request is not a path");
  const std::size_t mark = std::min(target.find('?'), target.size());
  api::RequestHead head{.method = std::string(view_of(message.method_string())),
                        .path = std::string(target.substr(0, mark)),
                        .query = std::string(target.substr(std::min(mark + 1, target.size()))),
                        .fields = {}};
  for (const auto& field : message) add_field(head.fields, lower(view_of(field.name_string())), view_of(field.value()));
  return head;
}

}  // namespace sconce::server::net
