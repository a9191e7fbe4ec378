#pragma once

#include <string>

#include "core/classes/undeclared_classes.h"

namespace sconce::proto {

inline constexpr const char* kUndeclaredField = "Sconce-Undeclared";

/// The value of that field: the names with `, ` between them. Bytes that are no letters, digits, `.`, `-`, `_` or `:`
/// are percent-encoded, so that no name is a header of its own. At most kUndeclaredFieldBytesMax; `...` at the end says
/// that there are more. Empty if there are none. Threads: no state.
std::string undeclared_field_of(const core::UndeclaredClasses& classes);
inline constexpr std::size_t kUndeclaredFieldBytesMax = 1024;

}  // namespace sconce::proto
