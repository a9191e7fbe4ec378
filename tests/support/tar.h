#pragma once

#include <string>
#include <string_view>

namespace sconce::tests {

/// One entry of a ustar archive: its header, its bytes and the padding. `type` is `0` for a file, `5` for a directory,
/// `1` and `2` for links to `link`.
std::string tar_entry(std::string_view name, std::string_view bytes, char type = '0', std::string_view link = "");

/// The two blocks that end an archive.
std::string tar_end();

}  // namespace sconce::tests
