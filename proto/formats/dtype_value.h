#pragma once

#include <cstdint>
#include <optional>

#include "proto/formats/dtype.h"

namespace sconce::proto {

/// The value of a float that Torch lacks, from its bits (of F4 the low four); exact. Nothing if the dtype has no such
/// floats: then the bits are an unsigned integer, a boolean, or floats of Torch's. Threads: no state.
std::optional<float> float_value_of(Dtype dtype, std::uint32_t bits);

}  // namespace sconce::proto
