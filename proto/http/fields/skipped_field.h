#pragma once

#include <cstddef>
#include <string>

#include "proto/formats/skipped_entries.h"

namespace sconce::proto {

inline constexpr const char* kSkippedField = "Sconce-Skipped";

/// The value of that field: the names with `, ` between them, each percent-encoded as in a path, and a comma too. The
/// names have at most kSkippedFieldBytesMax together; `... N more` at the end counts the others. Empty if nothing was
/// left out. Threads: no state.
std::string skipped_field_of(const SkippedEntries& skipped);
inline constexpr std::size_t kSkippedFieldBytesMax = 1024;

}  // namespace sconce::proto
