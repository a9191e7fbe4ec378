#pragma once

#include "core/bytes/byte_source.h"
#include "core/error.h"

namespace sconce::proto {

/// Checks that a zip is all that is in `source`: its first entry begins at the first of them, its directory ends where
/// the record of its end begins, and that record, with its comment, ends at the last. A reader of zips looks for that
/// record alone, and so passes over whatever comes before the zip or after it. Nothing is said where there is no such
/// record: then it is no zip, as its reader will say. Threads: no state. Errors: trailing_bytes, malformed, each with
/// the number of bytes; the source's. Source: APPNOTE.TXT 6.3.10, 4.3.
core::Status check_zip_extent(core::ByteSource& source);

}  // namespace sconce::proto
