#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::tests {

struct HttpResponse {
  unsigned status = 0;                        // 0: the connection ended without an answer
  std::string version;                        // of the status line: `HTTP/1.1`
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;
  bool whole = false;  // all of the body came: what Content-Length promised, or up to the last chunk

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::string> fields = {};  // `Name: value`
  std::string body = {};
};

/// The bytes of a request, with Host, and Content-Length where there is a body.
std::string text_of(const HttpRequest& request);

/// One connection to a server on this machine; every wait ends after two minutes.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  virtual ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// False if the server has closed.
  virtual bool send(std::string_view bytes) const;
  /// `to_head`: the answer has no body, whatever its Content-Length says.
  HttpResponse receive(bool to_head = false);
  HttpResponse exchange(const HttpRequest& request);
  /// All that comes until the server ends the connection.
  std::string receive_to_end();
  /// Whether the server has ended the connection, with nothing more to read.
  bool ended();
  /// Whether what ended it was a reset.
  bool was_reset() const { return was_reset_; }
  /// Nothing more comes; answers are still received.
  void half_close() const;

 protected:
  int socket() const { return socket_; }
  /// As recv.
  virtual long receive_some(char* out, std::size_t size);

 private:
  bool fill();
  void receive_chunked(HttpResponse& response);

  int socket_;
  std::string received_;
  bool was_reset_ = false;
};

/// One request on a connection of its own.
HttpResponse http(std::uint16_t port, const HttpRequest& request);

}  // namespace sconce::tests
