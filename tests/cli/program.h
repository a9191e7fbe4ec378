#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sconce::tests {

/// What a run of the `sconce` program came to.
struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

/// Runs the built program with `arguments`, in the folder tests/golden, and with `in` as its stdin.
Outcome run_sconce(const std::vector<std::string>& arguments, const std::string& in = "");

std::string read_file(const std::filesystem::path& path);

/// The bytes of a file of tests/golden.
std::string golden(const std::string& name);

/// A folder of its own for one test, gone with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const;

  /// The names of the files in it, sorted.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

}  // namespace sconce::tests
