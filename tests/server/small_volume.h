#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace sconce::tests {

/// A file system of a few MB at `directory`, in a mount namespace that a process of its own holds open: whoever calls
/// `enter` sees it there, everybody under `path`. It goes with this.
///
/// Mounting needs rights. root has them, except in a container without them, where the constructor throws. Other users
/// need a user namespace of their own, which some systems refuse.
class SmallVolume {
 public:
  static constexpr const char* kRefused = "this system refuses user namespaces; as root this test runs";
  /// Whether this user cannot mount anything. Never so for root, so that CI skips nothing.
  static bool is_refused();

  SmallVolume(std::filesystem::path directory, std::uint64_t size_bytes);
  ~SmallVolume();
  SmallVolume(const SmallVolume&) = delete;
  SmallVolume& operator=(const SmallVolume&) = delete;

  /// `directory`, for who has not entered.
  std::filesystem::path path() const { return path_; }
  const std::filesystem::path& directory() const { return directory_; }

  /// In a child process, before it becomes another program: ends it, with 126, where that cannot be done.
  void enter() const;

  /// From here on nothing can be written to it.
  void make_read_only() const;

  std::uint64_t free_bytes() const;
  /// Others take all of the space that is left, to the last byte, in `file`.
  void fill(const std::string& file) const;

 private:
  void hold(int failed, int told) const;

  const std::filesystem::path directory_;
  std::filesystem::path path_;
  pid_t holder_ = -1;
  int end_ = -1;  // closed, it ends the holder
};

}  // namespace sconce::tests
