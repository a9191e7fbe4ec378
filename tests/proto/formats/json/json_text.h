#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/limits.h"

namespace sconce::tests {

/// Reads JSON into events, as tests/support/event_recorder.h writes them down.
core::Result<std::string> events_of_json(std::string_view json, const core::ReadLimits& limits = {});

/// The error of reading; `code` and `what` are `malformed` and empty if there was none.
core::Error json_error(std::string_view json, const core::ReadLimits& limits = {});

/// Reads JSON and writes it again.
std::string json_again(std::string_view json);

/// JSON to the bytes of binary, which are read as an object, and back to JSON.
std::string json_through_binary(std::string_view json);

}  // namespace sconce::tests
