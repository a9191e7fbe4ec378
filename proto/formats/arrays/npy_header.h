#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "proto/formats/arrays/array_emitter.h"

namespace sconce::proto {

/// What a .npy file begins with, and what its header's length stands in:
///
///   bytes      what
///   0..5       \x93NUMPY
///   6, 7       version: 1, 2 or 3, and 0
///   8..        length of the header, little-endian: 2 bytes in version 1, otherwise 4
///
/// Source: numpy.lib.format.
inline constexpr std::string_view kNpyMagic = "\x93NUMPY";
inline constexpr std::size_t kNpyPrefixBytesMax = 12;

/// Stops a header of 4 GiB, which must be held whole. The longest that describes 1,024 dimensions has 21 KiB.
inline constexpr std::size_t kNpyHeaderBytesMax = std::size_t{64} << 10;

/// All in front of the elements of a C-ordered little-endian array, in version 1; a multiple of 64 bytes.
/// Threads: no state. Errors: unrepresentable (a type that numpy lacks, by its name), limit_exceeded (dimensions).
core::Result<std::string> npy_header(Dtype dtype, std::span<const std::int64_t> shape);

/// The array that a header, behind the prefix, describes: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3),
/// }`. Read as numpy does, but only such a literal: three keys in any order, no escapes. Errors: malformed,
/// unrepresentable (a type that no Torch object has), each with the offset in `text`.
core::Result<ArrayDescriptor> parse_npy_header(std::string_view text);

/// Whether a .npy file that begins so has strings as its elements, which no tensor has; `begin` are kNpyDescrBytes of
/// it, or all. False also for what is no .npy. Threads: no state.
bool npy_holds_text(std::string_view begin);
inline constexpr std::size_t kNpyDescrBytes = 256;

}  // namespace sconce::proto
