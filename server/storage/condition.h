#pragma once

#include <optional>
#include <vector>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Whether `condition` holds for a key in this state (nothing: the key does not exist). Threads: no state.
bool holds(const Condition& condition, const std::optional<ObjectMeta>& state);

/// What every store refuses before it looks at its keys. Errors: invalid_argument (a key twice, a put without an
/// upload).
Status check_writes(const std::vector<Write>& writes);

}  // namespace sconce::server::storage
