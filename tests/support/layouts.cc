#include "tests/support/layouts.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace sconce::tests {

void unpack_layout(int version, const std::filesystem::path& directory) {
  const std::string file = SCONCE_SOURCE_DIR "/tests/layouts/layout-" + std::to_string(version) + ".tar.gz";
  const std::string command = "tar -xzf '" + file + "' --no-same-owner -C '" + directory.string() + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot unpack " + file);
}

}  // namespace sconce::tests
