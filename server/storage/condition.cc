#include "server/storage/condition.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace sconce::server::storage {

bool holds(const Condition& condition, const std::optional<ObjectMeta>& state) {
  const auto is_named = [&] {
    return state && std::ranges::find(condition.revisions, state->revision) != condition.revisions.end();
  };
  switch (condition.kind) {
    case Condition::Kind::any: return true;
    case Condition::Kind::exists: return state.has_value();
    case Condition::Kind::absent: return !state.has_value();
    case Condition::Kind::revision_is_one_of: return is_named();
    case Condition::Kind::revision_is_none_of: return !is_named();
  }
  std::unreachable();
}

Status check_writes(const std::vector<Write>& writes) {
  std::set<std::string_view> keys;
  for (const Write& write : writes) {
    if (!keys.insert(write.key).second) {
      return core::fail(core::ErrorCode::invalid_argument, "a key stands twice in one commit");
    }
    if (const Put* put = std::get_if<Put>(&write.what); put != nullptr && put->upload == nullptr) {
      return core::fail(core::ErrorCode::invalid_argument, "a put without an upload");
    }
  }
  return {};
}

}  // namespace sconce::server::storage
