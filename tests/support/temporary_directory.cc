#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace sconce::tests {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = testing::TempDir() + "sconce-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sconce::tests
