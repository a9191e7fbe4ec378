#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tests/torture/operation.h"

namespace sconce::tests {

/// The bytes of an object that stands for a value: a Torch string of about this size, in binary. Every part of it names
/// the value, so that no mixture of two passes for one.
std::string object_of(Value value, std::size_t size_bytes);

/// The value that an object stands for; nothing if it is not exactly what `object_of` made.
std::optional<Value> value_of(std::string_view object);

}  // namespace sconce::tests
