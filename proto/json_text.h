#pragma once

#include <string>
#include <string_view>

#include "core/gathering_sink.h"

namespace sconce::proto {

bool is_utf8(std::string_view text);

/// Writes a JSON string: quotes around it, and before quotes, backslashes and control characters an escape. `text` is
/// UTF-8. Returns whether the sink took it.
bool write_json_string(core::GatheringSink& out, std::string_view text);

/// The same, at the end of a string.
void append_json_string(std::string& json, std::string_view text);

}  // namespace sconce::proto
