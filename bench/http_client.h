#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::bench {

/// One keep-alive connection to a server on this machine. Unless it is asked for the status, it ends the program if the
/// server does not do as it is told: a measurement of failures is none. Threads: one.
class HttpClient {
 public:
  struct Options {
    const char* from = "127.0.0.1";     // an address of this machine's
    std::size_t piece_bytes = 1 << 20;  // of what is received at once
  };
  explicit HttpClient(std::uint16_t port) : HttpClient(port, Options()) {}
  HttpClient(std::uint16_t port, const Options& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends a request in one write, waits for all of a 2xx, and returns how many bytes its body has. The body is
  /// dropped.
  std::size_t exchange(std::string_view head, std::string_view body = {});

  /// The same, and returns the status, whatever it is. After a refusal the connection may end.
  unsigned status_of(std::string_view head, std::string_view body = {});

  /// The same as `exchange` of a body that comes in pieces: `send_body` gives each to `send`.
  std::size_t exchange_pieces(std::string_view head,
                              const std::function<void(const std::function<void(std::string_view)>& send)>& send_body);

 private:
  struct Answer {
    unsigned status = 0;
    std::size_t body_bytes = 0;
  };
  void send(std::string_view head, std::string_view body) const;
  Answer receive_any_answer();
  std::size_t receive_answer();
  /// More of the answer; what was there before is dropped.
  void receive();
  std::string receive_head();
  void drop(std::size_t bytes);
  std::size_t drop_chunks();
  std::string receive_line();

  int socket_;
  std::vector<char> piece_;
  std::size_t begin_ = 0;  // of what has not been looked at
  std::size_t end_ = 0;
};

/// The head of a request: `PUT /v1/objects/KEY`.
std::string put_head(const std::string& key, std::size_t body_bytes);
std::string get_head(const std::string& target);
std::string post_head(const std::string& target, std::size_t body_bytes);

}  // namespace sconce::bench
