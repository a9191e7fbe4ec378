#pragma once

#include <cstddef>
#include <span>

#include "core/error.h"
#include "proto/formats/object_format.h"

namespace sconce::proto {

/// The error of reading input that begins so in the format that somebody named. If it is in the first bytes, and these
/// are the mark of another kind of file (core/torch7/file_kind.h), the error says so too. Threads: no state.
core::Error with_file_kind(core::Error error, ObjectFormat named, std::span<const std::byte> begin);

}  // namespace sconce::proto
