// HTTP over TLS: what is agreed on, and that a connection works as it does in the open, up to its end.

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <chrono>

#include "tests/hostile/wire.h"
#include "tests/server/curl.h"
#include "tests/server/tls_server.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

class Tls : public testing::Test {
 protected:
  std::string url(const std::string& target) const {
    return "https://localhost:" + std::to_string(server_.port()) + target;
  }
  CurlRun run_curl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--cacert", files_.authority_file()});
    return curl(arguments);
  }
  double failed_handshakes() const {
    const std::string metrics = run_curl({url("/metrics")}).out;
    const std::string name = "\nsconce_tls_handshakes_failed_total ";
    const std::size_t at = metrics.find(name);
    return at == std::string::npos ? -1 : std::stod(metrics.substr(at + name.size()));
  }

  const std::string number_ = "1\n3.5\n";
  const TlsFiles files_;
  ServerProcess server_{files_.directory().path() / "data",
                        files_.flags({"--handshake-timeout-ms", "500", "--idle-timeout-ms", "1000", "--body-bytes-max",
                                      "100000000", "--body-timeout-ms", "1500"})};
};

/// A torch.ByteStorage in binary, of bytes that are not all the same.
std::string byte_storage(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 24);
  return Wire().byte_storage(1, bytes).bytes();
}

TEST_F(Tls, CurlStoresAndFetchesLargeObjects) {
  const std::string object = byte_storage(40'000'000);
  const std::string file = files_.directory().write("object", object);
  const CurlRun stored = run_curl({"--upload-file", file, "--write-out", "%{http_code}", url("/v1/objects/a")});
  EXPECT_EQ(stored.out, "201");
  EXPECT_TRUE(run_curl({url("/v1/objects/a")}).out == object);
  EXPECT_TRUE(run_curl({"--range", "1000000-2999999", url("/v1/objects/a")}).out ==
              object.substr(1'000'000, 2'000'000));
}

TEST_F(Tls, CurlSendsChunksAndGoesOnWithItsConnection) {
  const std::string object = read_golden("nn_cnn.binary.ref.t7");
  const std::string file = files_.directory().write("object", object);
  const CurlRun run = run_curl({"--upload-file", file, "--header", "Transfer-Encoding: chunked", url("/v1/objects/a"),
                                "--next", "--silent", "--cacert", files_.authority_file(), "--output", "/dev/null",
                                "--write-out", "%{http_code} %{num_connects}", url("/v1/objects/a")});
  EXPECT_EQ(run.out, "200 0");
}

TEST_F(Tls, CurlThatDoesNotKnowTheAuthorityRefusesTheServer) {
  EXPECT_EQ(curl({url("/healthz")}).exit_code, 60);
  EXPECT_EQ(run_curl({"https://127.0.0.2:" + std::to_string(server_.port()) + "/healthz"}).exit_code, 7);
}

TEST_F(Tls, TheNewestVersionIsTaken) {
  TlsConnection connection(server_.port(), files_.client());
  ASSERT_EQ(connection.error(), "");
  EXPECT_EQ(connection.version(), "TLSv1.3");
  EXPECT_EQ(connection.exchange({.target = "/healthz"}).body, "ok\n");
  EXPECT_FALSE(connection.can_resume());
}

TEST_F(Tls, Version1_2IsTakenWithoutRenegotiationOrResumption) {
  TlsClientOptions options = files_.client();
  options.version_max = TLS1_2_VERSION;
  TlsConnection connection(server_.port(), options);
  ASSERT_EQ(connection.error(), "");
  EXPECT_EQ(connection.version(), "TLSv1.2");
  EXPECT_EQ(connection.exchange({.target = "/healthz"}).body, "ok\n");
  EXPECT_FALSE(connection.can_resume());
  EXPECT_FALSE(connection.renegotiate());
  EXPECT_EQ(connection.error(), "no renegotiation");
}

TEST_F(Tls, OldVersionsAndWeakCiphersAreRefused) {
  struct Row {
    int version;
    std::string ciphers;
    std::string error;
  };
  const Row rows[] = {
      {TLS1_1_VERSION, "ALL:@SECLEVEL=0", "tlsv1 alert protocol version"},
      {TLS1_VERSION, "ALL:@SECLEVEL=0", "tlsv1 alert protocol version"},
      {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", "sslv3 alert handshake failure"},  // CBC
      {TLS1_2_VERSION, "AES128-GCM-SHA256", "sslv3 alert handshake failure"},          // no forward secrecy
      {TLS1_2_VERSION, "AECDH-AES128-SHA:@SECLEVEL=0", "sslv3 alert handshake failure"},
  };
  for (const Row& row : rows) {
    TlsClientOptions options = files_.client();
    options.version_max = row.version;
    options.ciphers = row.ciphers;
    EXPECT_EQ(TlsConnection(server_.port(), options).error(), row.error) << row.version << ' ' << row.ciphers;
  }
  EXPECT_EQ(failed_handshakes(), 5);
}

TEST_F(Tls, Http1_1IsTheOnlyProtocol) {
  TlsClientOptions options = files_.client();
  options.protocol = "http/1.1";
  EXPECT_EQ(TlsConnection(server_.port(), options).protocol(), "http/1.1");
  options.protocol = "h2";
  EXPECT_EQ(TlsConnection(server_.port(), options).error(), "tlsv1 alert no application protocol");
}

TEST_F(Tls, PipelinedRequestsAreAnsweredInOrder) {
  TlsConnection connection(server_.port(), files_.client());
  ASSERT_TRUE(connection.send(text_of({.method = "PUT", .target = "/v1/objects/a", .body = number_}) +
                              text_of({.target = "/v1/objects/a?format=ascii"}) +
                              text_of({.method = "HEAD", .target = "/v1/objects/a?format=ascii"}) +
                              text_of({.target = "/healthz"})));
  EXPECT_EQ(connection.receive().status, 201U);
  EXPECT_EQ(connection.receive().body, number_);
  EXPECT_EQ(connection.receive(true).field("content-length"), "6");
  EXPECT_EQ(connection.receive().body, "ok\n");
}

TEST_F(Tls, AnAbsoluteTargetIsOfTheSchemeOfTheConnection) {
  const std::string port = ':' + std::to_string(server_.port());
  struct Row {
    std::string method;
    std::string target;
    unsigned status;
  };
  const Row rows[] = {{"GET", "https://localhost/healthz", 200},
                      {"GET", "https://localhost" + port + "/healthz", 200},
                      {"GET", "HTTPS://LOCALHOST/healthz", 200},
                      {"GET", "https://[::1]:7077/v1/objects?limit=1", 200},
                      {"GET", "https://localhost", 404},
                      {"OPTIONS", "https://localhost", 405},
                      {"GET", "http://localhost/healthz", 421},
                      {"GET", "HTTP://localhost/healthz", 421},
                      {"GET", "https://elsewhere.example/healthz", 421},
                      {"GET", "https:///healthz", 400},
                      {"GET", "httpss://localhost/healthz", 400}};
  for (const Row& row : rows) {
    TlsConnection connection(server_.port(), files_.client());
    EXPECT_EQ(connection.exchange({.method = row.method, .target = row.target}).status, row.status) << row.target;
  }
}

TEST_F(Tls, AHeadMayComeByteByByte) {
  TlsConnection connection(server_.port(), files_.client());
  for (const char byte : text_of({.target = "/healthz"})) ASSERT_TRUE(connection.send({&byte, 1}));
  EXPECT_EQ(connection.receive().body, "ok\n");
}

TEST_F(Tls, AClientThatWaitsIsToldToGoOn) {
  TlsConnection connection(server_.port(), files_.client());
  const std::string head = "PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
  connection.send(head + "Content-Length: 6\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 100U);
  connection.send(number_);
  EXPECT_EQ(connection.receive().status, 201U);
  connection.send(head + "Content-Type: image/png\r\nContent-Length: 6\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 415U);
}

/// The answer is not lost to a reset, although what was sent is not read as a body.
TEST_F(Tls, AClientThatGoesOnSendingSeesTheRefusal) {
  TlsConnection connection(server_.port(), files_.client());
  connection.send("PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000001\r\n\r\n");
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(connection.send(piece)) << i;
  EXPECT_EQ(connection.receive().status, 413U);
  EXPECT_TRUE(connection.ended());
  EXPECT_TRUE(connection.was_told_of_end());
}

TEST_F(Tls, AnEndIsAnnounced) {
  TlsConnection connection(server_.port(), files_.client());
  EXPECT_EQ(connection.exchange({.target = "/healthz", .fields = {"Connection: close"}}).body, "ok\n");
  EXPECT_TRUE(connection.ended());
  EXPECT_TRUE(connection.was_told_of_end());
}

TEST_F(Tls, AStopIsAnnouncedToWhoIsIdle) {
  TlsConnection idle(server_.port(), files_.client());
  EXPECT_EQ(idle.exchange({.target = "/healthz"}).body, "ok\n");
  HttpConnection silent(server_.port());
  server_.send_signal(SIGTERM);
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(idle.was_told_of_end());
  EXPECT_EQ(server_.wait(), 0);
}

/// Whoever can cut a connection must not be able to make an object of half of one.
TEST_F(Tls, ABodyThatIsCutOffIsNotStored) {
  const std::string head = "PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\n";
  const std::string large = byte_storage(400'000).substr(0, 300'000);
  const std::string cut[] = {
      head + "Content-Length: 7\r\n\r\n" + number_,
      head + "Content-Length: 400046\r\n\r\n" + large,
      head + "Transfer-Encoding: chunked\r\n\r\n6\r\n" + number_ + "\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n6\r\n" + number_ + "\r\n0\r\n",
  };
  for (const std::string& bytes : cut) {
    for (const bool announced : {false, true}) {
      TlsConnection connection(server_.port(), files_.client());
      ASSERT_TRUE(connection.send(bytes));
      if (announced) connection.say_end();
      connection.half_close();
      EXPECT_TRUE(connection.ended()) << bytes.substr(0, 100);
    }
  }
  TlsConnection connection(server_.port(), files_.client());
  EXPECT_EQ(connection.exchange({.target = "/v1/objects/a"}).status, 404U);
}

TEST_F(Tls, PlaintextEndsWithoutAReset) {
  HttpConnection connection(server_.port());
  connection.send(text_of({.target = "/healthz"}) + std::string(100'000, 'x'));
  EXPECT_TRUE(connection.ended());
  EXPECT_FALSE(connection.was_reset());
  EXPECT_EQ(curl({"http://localhost:" + std::to_string(server_.port()) + "/healthz"}).exit_code, 52);
  EXPECT_EQ(failed_handshakes(), 2);
}

TEST_F(Tls, WhoConnectsAndIsSilentIsLetGo) {
  const auto began = std::chrono::steady_clock::now();
  HttpConnection silent(server_.port());
  EXPECT_TRUE(silent.ended());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(500));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  EXPECT_EQ(failed_handshakes(), 1);
}

/// The time is for all of it, not for each byte.
TEST_F(Tls, WhoTricklesTheHandshakeIsLetGo) {
  const std::string hello_of_512_bytes = std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  const auto began = std::chrono::steady_clock::now();
  HttpConnection trickling(server_.port());
  std::size_t sent = 0;
  while (trickling.send(sent < hello_of_512_bytes.size() ? hello_of_512_bytes.substr(sent, 1) : "x")) {
    sent += 1;
    ASSERT_LT(sent, 400U);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  EXPECT_GE(sent, 5U);
  EXPECT_EQ(failed_handshakes(), 1);
}

}  // namespace
}  // namespace sconce::tests
