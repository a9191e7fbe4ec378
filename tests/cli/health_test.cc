#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/cli/program.h"

namespace sconce::tests {
namespace {

/// Listens on a free port of this machine.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    const bool listens = ::bind(fd_, any, size) == 0 && ::listen(fd_, 1) == 0 && ::getsockname(fd_, any, &size) == 0;
    if (!listens) throw std::runtime_error("cannot listen");
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(fd_); }

  const std::string& url() const { return url_; }

  /// Takes one connection, reads its request, writes `answer` and closes. Returns the request.
  std::string answer_once(const std::string& answer) const {
    const int connection = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    std::string request;
    std::array<char, 1024> buffer;
    while (!request.ends_with("\r\n\r\n")) {
      const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      request.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(connection);
    return request;
  }

 private:
  int fd_;
  std::string url_;
};

/// Runs `sconce health` against a server that gives this answer.
Outcome health_with(const Listener& server, const std::string& answer, std::string& request) {
  std::thread serving([&] { request = server.answer_once(answer); });
  const Outcome run = run_sconce({"health", "--url", server.url()});
  serving.join();
  return run;
}

TEST(Health, IsSilentIfTheServerAnswers200) {
  const Listener server;
  std::string request;
  const Outcome run = health_with(server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", request);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out + run.err, "");
  EXPECT_EQ(request, "GET /healthz HTTP/1.1\r\nHost: " + server.url().substr(7) + "\r\nConnection: close\r\n\r\n");
}

TEST(Health, SaysWhatElseWasAnswered) {
  const Listener server;
  std::string request;
  const Outcome run = health_with(server, "HTTP/1.1 503 Service Unavailable\r\n\r\n", request);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: " + server.url() + ": not healthy: it answered \"HTTP/1.1 503\"\n");
}

TEST(Health, AConnectionThatClosesIsNotHealthy) {
  const Listener server;
  std::string request;
  const Outcome run = health_with(server, "", request);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: " + server.url() + ": not healthy: it answered \"\"\n");
}

TEST(Health, NoServerIsNotHealthy) {
  std::string url;
  {
    const Listener gone;
    url = gone.url();
  }
  const Outcome run = run_sconce({"health", "--url", url});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: " + url + ": cannot connect: Connection refused\n");
}

TEST(Health, TheUrlMustBeOne) {
  const Outcome run = run_sconce({"health", "--url", "ftp://127.0.0.1:1"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: ftp://127.0.0.1:1: not a URL of the form http://HOST:PORT\n");
}

}  // namespace
}  // namespace sconce::tests
