#include "server/api/objects/request_objects.h"

#include <algorithm>

namespace sconce::server::api {

namespace {

// Enough for items that go through a few objects in turn.
constexpr std::size_t kOpenedMax = 4;

}  // namespace

std::shared_ptr<core::ObjectParts> RequestObjects::find(const storage::Revision& revision) {
  const auto found = std::ranges::find(opened_, revision, &Opened::first);
  if (found == opened_.end()) return nullptr;
  std::rotate(found, found + 1, opened_.end());
  return opened_.back().second;
}

void RequestObjects::allow_for(const storage::Revision& revision, std::uint64_t size_bytes) {
  if (allowed_.insert(revision).second) budget_->allow_for(size_bytes);
}

void RequestObjects::keep(const storage::Revision& revision, std::shared_ptr<core::ObjectParts> parts) {
  if (opened_.size() == kOpenedMax) opened_.erase(opened_.begin());
  opened_.emplace_back(revision, std::move(parts));
}

std::uint64_t RequestObjects::held_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [revision, parts] : opened_) bytes += parts->source().held_bytes();
  return bytes;
}

void RequestObjects::begin_item() {
  if (budget_->held_bytes() > budget_->limits().held_bytes_max / 2) opened_.clear();
}

}  // namespace sconce::server::api
