#pragma once

#include <cstddef>
#include <cstdint>

#include "core/graph/object.h"

namespace sconce::bench {

/// What the elements of a tensor are.
enum class Values : std::uint8_t {
  weights,   ///< normally distributed around 0 with a deviation of 0.05, as a trained layer's
  patterns,  ///< random bits: every exponent as often as any other, NaNs and subnormals too
};

/// A torch.FloatTensor (torch.DoubleTensor) of one dimension, of so many bytes.
core::Object make_floats(std::size_t size_bytes, Values values);
core::Object make_doubles(std::size_t size_bytes, Values values);

/// A table with the keys 1 to `count`, half of whose values are scalars (an integer, a fraction, a boolean or a short
/// string, in turns), and half are tables of 2 (an integer and a fraction).
core::Object make_small_entries(std::size_t count);

}  // namespace sconce::bench
