#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/cli/listener.h"
#include "tests/cli/program.h"

namespace sconce::tests {
namespace {

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
  EXPECT_EQ(run.err, "sconce: " + server.url() + ": not healthy: it answered 503\n");
}

TEST(Health, AConnectionThatClosesIsNotHealthy) {
  const Listener server;
  std::string request;
  const Outcome run = health_with(server, "", request);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: " + server.url() + ": the server ended the connection without an answer\n");
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

}  // namespace
}  // namespace sconce::tests
