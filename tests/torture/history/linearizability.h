#pragma once

#include <optional>
#include <string>

#include "tests/torture/operation.h"

namespace sconce::tests {

/// Whether there is one order of a key's operations that explains all that was seen: each takes effect at one moment
/// between its begin and its end, and those without an answer may also never have. `initial` is what the key held
/// before. Nothing if there is; else a sentence about the operations that do not fit.
/// The search is that of Wing and Gong, with Lowe's memory of states that were tried.
std::optional<std::string> why_not_linearizable(History history, Value initial);

}  // namespace sconce::tests
