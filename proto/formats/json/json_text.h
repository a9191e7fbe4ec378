#pragma once

#include <string>
#include <string_view>

#include "core/bytes/buffered_writer.h"

namespace sconce::proto {

/// Writes a JSON string: quotes around it, and before quotes, backslashes and control characters an escape. `text` is
/// UTF-8. Returns whether the sink took it. Threads: safe from many, on different sinks.
bool write_json_string(core::BufferedWriter& out, std::string_view text);

/// The same, at the end of a string.
void append_json_string(std::string& json, std::string_view text);

/// The same for bytes that need not be UTF-8: `printable` makes them so.
void append_printable_string(std::string& json, std::string_view text);

}  // namespace sconce::proto
