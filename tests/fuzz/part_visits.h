#pragma once

#include <string_view>

#include "core/outline/object_parts.h"
#include "core/outline/outline.h"

namespace sconce::tests {

/// Whether the outline is the object's own. Otherwise nothing is asked but that reading ends, within the bytes.
enum class OutlineIs : bool { right, damaged };

/// Reads parts of the object: for each byte of `chosen` one, which says where it stands in the outline. A part becomes
/// an object of its own, which is read, and tensors become arrays.
void visit_parts(core::ObjectParts& object, const core::Outline& outline, std::string_view chosen,
                 OutlineIs outline_is);

}  // namespace sconce::tests
