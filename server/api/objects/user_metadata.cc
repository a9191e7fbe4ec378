#include "server/api/objects/user_metadata.h"

namespace sconce::server::api {

namespace {

constexpr std::string_view kPrefix = "sconce-meta-";

}  // namespace

proto::HttpResult<UserMetadata> user_metadata_of(const RequestHead& head) {
  UserMetadata metadata;
  std::size_t bytes = 0;
  for (const Field& field : head.fields) {
    if (!field.name.starts_with(kPrefix)) continue;
    std::string name = field.name.substr(kPrefix.size());
    if (name.empty())
      return proto::refuse(proto::RequestError::bad_header, "a Sconce-Meta- field has no name after the prefix");
    bytes += name.size() + field.value.size();
    metadata.emplace_back(std::move(name), field.value);
  }
  if (bytes <= kUserMetadataBytesMax) return metadata;
  return proto::refuse(
      proto::RequestError::header_too_large,
      "the Sconce-Meta- fields are larger than " + std::to_string(kUserMetadataBytesMax) + " bytes together");
}

void add_user_metadata(std::vector<Field>& fields, const UserMetadata& metadata) {
  for (const auto& [name, value] : metadata) fields.push_back({"Sconce-Meta-" + name, value});
}

}  // namespace sconce::server::api
