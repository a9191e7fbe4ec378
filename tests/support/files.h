#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::tests {

/// A directory of its own, gone with it unless it is kept.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  void keep() { kept_ = true; }
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, std::string_view bytes) const;

  /// The names of what is in it, sorted.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

/// A file, whole. Throws if it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace sconce::tests
