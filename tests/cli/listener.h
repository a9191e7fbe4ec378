#pragma once

#include <string>

namespace sconce::tests {

/// Listens on a free port of this machine.
class Listener {
 public:
  Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  const std::string& url() const { return url_; }

  /// Takes one connection, reads its request, or no more than `size_bytes_max` of it, writes `answer` and closes.
  /// Returns the request.
  std::string answer_once(const std::string& answer, std::size_t size_bytes_max = 64 * 1024) const;

 private:
  int fd_;
  std::string url_;
};

}  // namespace sconce::tests
