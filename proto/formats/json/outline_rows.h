#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/outline/outline.h"

namespace sconce::proto {

/// A part, as an outline in JSON tells of it.
struct OutlineRow {
  std::string path;        ///< In the grammar of core/text/path.h.
  core::OutlinePart part;  ///< Without parent and key, which the path says, and `indices_before`. Names are printable.
  std::string dtype = {};  ///< Of the array that a sconce.Tensor keeps; then `part.sizes` are its sizes.
};

/// Reads what `outline_json` writes; there is at least one row. Members that are not known are passed over.
/// Threads: no state. Errors: malformed, naming the row.
core::Result<std::vector<OutlineRow>> outline_rows(std::string_view json);

}  // namespace sconce::proto
