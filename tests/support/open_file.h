#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sconce::tests {

/// A file, open as long as this lives. Throws if it cannot be opened.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path, int flags = O_RDONLY) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(fd_); }

  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace sconce::tests
