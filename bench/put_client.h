#pragma once

#include <cstdint>
#include <string>

namespace sconce::bench {

/// One keep-alive connection to a server on this machine. Ends the program if the server does not do as it is told: a
/// measurement of failures is none. Threads: one.
class PutClient {
 public:
  explicit PutClient(std::uint16_t port);
  ~PutClient();
  PutClient(const PutClient&) = delete;
  PutClient& operator=(const PutClient&) = delete;

  /// PUTs the object, and waits for a 2xx.
  void put(const std::string& key, const std::string& object);

 private:
  void send(const std::string& bytes) const;
  std::string receive_head() const;

  int socket_;
};

}  // namespace sconce::bench
