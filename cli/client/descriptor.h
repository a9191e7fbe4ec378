#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace sconce::cli {

/// Closes a descriptor when it goes. Threads: one at a time.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// The error of a system call that failed with `errno_value`; `doing` is what it was for.
inline core::Error system_error(int errno_value, const std::string& doing) {
  const auto code = errno_value == ENOENT ? core::ErrorCode::not_found : core::ErrorCode::io_error;
  return {.code = code, .what = doing + ": " + std::generic_category().message(errno_value)};
}

}  // namespace sconce::cli
