#pragma once

#include <span>

#include "core/bytes/byte_sink.h"
#include "proto/formats/json/outline_rows.h"

namespace sconce::cli {

/// Prints what an outline says, in the lines of TreePrinter. Of numbers, booleans and strings it says no values, of
/// class instances no versions; the fields of an instance are directly under it. Threads: safe from many, on different
/// sinks. Errors: those of `out`.
core::Status print_outline(core::ByteSink& out, std::span<const proto::OutlineRow> rows);

}  // namespace sconce::cli
