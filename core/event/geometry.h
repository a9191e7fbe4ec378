#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/error.h"

namespace sconce::core {

/// The product of `sizes`; 0 without dimensions. Nothing if a size is negative or the product exceeds int64.
/// Threads: no state.
std::optional<std::int64_t> element_count(std::span<const std::int64_t> sizes);

/// Whether every element of a tensor of this geometry lies in a storage of `storage_count` elements. A tensor without
/// elements fits everywhere. Errors: malformed, with the reason; no offset, no path.
Status check_geometry(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides, std::int64_t offset,
                      std::int64_t storage_count);

}  // namespace sconce::core
