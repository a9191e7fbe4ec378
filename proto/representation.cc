#include "proto/representation.h"

namespace sconce::proto {

Representation representation_of(core::Format format, bool referenced) {
  return {.format = format == core::Format::b64 ? core::Format::binary : format, .referenced = referenced};
}

std::string name_of(const Representation& representation) {
  std::string name(core::name_of(representation.format));
  if (!representation.referenced) name += "-expanded";
  return name;
}

}  // namespace sconce::proto
