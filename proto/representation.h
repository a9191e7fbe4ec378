#pragma once

#include <string>

#include "core/format.h"

namespace sconce::proto {

/// One of the forms in which an object can be had.
struct Representation {
  core::Format format = core::Format::binary;  // ascii, binary or b32; b64 is binary
  bool referenced = true;                      // false: what is shared is written in full

  friend bool operator==(const Representation&, const Representation&) = default;
};

/// `b64` becomes `binary`: one representation, one name.
Representation representation_of(core::Format format, bool referenced);

/// Its name in entity tags: `binary`, `ascii`, `b32`, `binary-expanded`, …
std::string name_of(const Representation& representation);

/// Goes up when a writer's bytes for the same object change, so that no cache keeps the old ones.
inline constexpr unsigned kWriterVersion = 1;

}  // namespace sconce::proto
