#include "server/storage/key_cursor.h"

#include <algorithm>

namespace sconce::server::storage {

namespace {

constexpr std::size_t kReservedMax = 10'000;

std::size_t size_bytes_of(const Listing::Entry& entry) {
  std::size_t bytes = entry.name.size();
  if (!entry.meta) return bytes;
  for (const auto& [name, value] : entry.meta->annotations.user_metadata) bytes += name.size() + value.size();
  return bytes;
}

/// The first name that is greater than all that begin with `prefix`; nothing if there is none.
std::optional<std::string> behind_all_of(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

/// What the keys of a key's group begin with; nothing if it is in none.
std::optional<std::string> group_of(std::string_view key, const ListQuery& query) {
  if (query.delimiter.empty() || !key.starts_with(query.prefix)) return std::nullopt;
  const std::size_t found = key.find(query.delimiter, query.prefix.size());
  if (found == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, found + query.delimiter.size()));
}

/// Where the page begins; nothing if there is no page.
std::optional<std::string> begin_of(const ListQuery& query) {
  if (query.after.empty()) return query.prefix;
  const std::optional<std::string> behind =
      group_of(query.after, query) == query.after ? behind_all_of(query.after) : query.after + '\0';
  if (!behind) return std::nullopt;
  return std::max(query.prefix, *behind);
}

}  // namespace

Result<Listing> list_keys(KeyCursor& cursor, const ListQuery& query) {
  Listing listing;
  listing.entries.reserve(std::min(query.limit, kReservedMax));
  std::size_t bytes = 0;
  std::optional<std::string> begin = begin_of(query);
  if (begin) cursor.seek(*begin);
  while (begin && cursor.valid() && cursor.key().starts_with(query.prefix)) {
    if (!listing.entries.empty()) bytes += size_bytes_of(listing.entries.back());
    listing.more = listing.entries.size() == query.limit || bytes > kListingBytesMax;
    if (listing.more) return listing;
    if (std::optional<std::string> group = group_of(cursor.key(), query)) {
      begin = behind_all_of(*group);
      if (begin) cursor.seek(*begin);
      listing.entries.push_back({std::move(*group), std::nullopt});
      continue;
    }
    Result<ObjectMeta> meta = cursor.meta();
    if (!meta) return std::unexpected(std::move(meta.error()));
    listing.entries.push_back({std::string(cursor.key()), std::move(*meta)});
    cursor.next();
  }
  if (Status status = cursor.status(); !status) return std::unexpected(std::move(status.error()));
  return listing;
}

}  // namespace sconce::server::storage
