// What the server serves opens in numpy and torch. Debian's python3-numpy and python3-torch must be there.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

TEST(NumpyAndTorch, OpenWhatTheServerServes) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--body-bytes-max", "20000000"});
  ASSERT_NE(server.port(), 0) << server.log();
  // Debian's, and nothing of the user's.
  const std::string command =
      "/usr/bin/python3 -I " SCONCE_SOURCE_DIR "/tests/peers/served_reads.py " + std::to_string(server.port()) + " >&2";
  EXPECT_EQ(std::system(command.c_str()), 0) << command << " (are python3-numpy and python3-torch installed?)";
  std::size_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory.path())) {
    if (file.is_regular_file() && file.path().filename() != "ballast") bytes += file.file_size();
  }
  EXPECT_LT(bytes, 64U << 20) << "what was refused lies on the disk";
}

}  // namespace
}  // namespace sconce::tests
