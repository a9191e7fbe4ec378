#pragma once

#include <filesystem>

namespace sconce::tests {

/// Unpacks tests/layouts/layout-`version`.tar.gz: `data` in `directory`. Throws where that fails.
void unpack_layout(int version, const std::filesystem::path& directory);

}  // namespace sconce::tests
