#pragma once

#include "core/ascii.h"

namespace sconce::proto {

/// Of a token: the name of a field or of a method. Threads: no state. Source: RFC 9110, section 5.6.2.
inline constexpr core::CharacterSet kTokenCharacters = core::CharacterSet::alphanumeric_and("!#$%&'*+-.^_`|~");

}  // namespace sconce::proto
