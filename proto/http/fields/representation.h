#pragma once

#include <string>
#include <string_view>

#include "proto/formats/object_format.h"

namespace sconce::proto {

/// One of the forms in which an object can be had.
struct Representation {
  ObjectFormat format = ObjectFormat::binary;  // not `automatic`
  bool referenced = true;                      // false: what is shared is written in full
  bool outline = false;                        // its tree, not its content; the format says nothing then
  /// Which part of the object, and what else of the query makes the bytes what they are; empty for the whole object.
  std::string part = {};

  friend bool operator==(const Representation&, const Representation&) = default;
};

/// Its name in entity tags, with the version of the writer: `binary.1`, `ascii-expanded.1`, `outline.1`,
/// `npy.1@model.weight`. Bytes of `part` that an entity tag cannot hold are percent-encoded. Threads: no state.
std::string name_of(const Representation& representation);

/// Whether `name_of` gives such names, whatever the version.
bool names_representation(std::string_view name);

/// Goes up when a writer's bytes for the same object change, so that no cache keeps the old ones.
inline constexpr unsigned kWriterVersion = 1;

}  // namespace sconce::proto
