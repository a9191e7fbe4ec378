#pragma once

#include <cstdint>

#include "core/bytes/byte_sink.h"
#include "core/error.h"
#include "core/graph/object.h"

namespace sconce::proto {

struct PlainJsonOptions {
  /// What is shared is written in full each time. Stops n tables that share one another from becoming 2^n, and a stride
  /// of 0 from making terabytes of one number.
  std::uint64_t bytes_max = std::uint64_t{1} << 30;
};

/// Writes a value as the JSON that people expect, on one line with a newline at its end; it cannot be read back
/// (docs/json.md, "Plain JSON").
///
///   nil, boolean, string      null, true or false, a string
///   number, element           a number; integers up to 2^53 without point or exponent; NaN and infinities are null
///   table                     an array if its keys are 1..n, in any order, or if it is empty; an object if all are
///                             strings
///   instance                  its table of fields; of a declared class the one thing it wrote, or an array of them
///   tensor                    arrays in arrays by its sizes, whatever its strides; `[]` if it has no elements
///   storage                   an array
///   sconce.Tensor             as a tensor of its shape, without dimensions as the one element; complex numbers as
///   pairs
///
/// Threads: safe from many, on different sinks. Errors, each with the path: unrepresentable (a table with other keys or
/// with both kinds, a string that is not UTF-8, a function, a part that contains itself), limit_exceeded, and those of
/// `out`.
core::Status write_plain_json(const core::Value& value, core::ByteSink& out, const PlainJsonOptions& options = {});

}  // namespace sconce::proto
