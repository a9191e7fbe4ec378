// The commands that ask a server, over TLS: whom they trust, and what they say of a server that they do not.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/cli/listener.h"
#include "tests/cli/program.h"
#include "tests/server/http_client.h"
#include "tests/server/tls_server.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

class CliOverTls : public testing::Test {
 protected:
  std::string url(const std::string& host = "localhost") const {
    return "https://" + host + ":" + std::to_string(server_.port());
  }
  Outcome health(const std::vector<std::string>& more, const std::string& variable = "") const {
    std::vector<std::string> arguments = {"health", "--url", url()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_sconce(arguments, "", variable);
  }

  const TlsFiles files_;
  ServerProcess server_{files_.directory().path() / "data", files_.flags()};
};

void expect_silent(const Outcome& run) {
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out + run.err, "");
}

void expect_failure(const Outcome& run, const std::string& err) {
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, err + '\n');
}

TEST_F(CliOverTls, HealthTrustsAFileOfAuthorities) {
  expect_silent(health({"--ca", files_.authority_file()}));
  expect_silent(health({}, "SSL_CERT_FILE=" + files_.authority_file()));
}

TEST_F(CliOverTls, HealthTrustsNobodyElse) {
  const Authority other("Other");
  const std::string other_file = files_.directory().write("other.pem", other.certificate());
  const std::string refused =
      "sconce: " + url() +
      ": cannot agree on TLS: the server's certificate is not good: unable to get local issuer certificate";
  expect_failure(health({}), refused);
  expect_failure(health({"--ca", other_file}), refused);
}

TEST_F(CliOverTls, TheNameIsTheUrlsUnlessAnotherIsSaid) {
  const std::string by_address = url("127.0.0.1");
  files_.write_server(files_.authority().issue("named", "DNS:store.example"));
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("is valid until", 2));
  const std::vector<std::string> asking = {"health", "--ca", files_.authority_file(), "--url"};
  const auto ask = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = asking;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_sconce(arguments);
  };
  const std::string refused = ": cannot agree on TLS: the server's certificate is not good: ";
  expect_failure(ask({url()}), "sconce: " + url() + refused + "hostname mismatch");
  expect_failure(ask({by_address}), "sconce: " + by_address + refused + "IP address mismatch");
  expect_silent(ask({by_address, "--server-name", "store.example"}));
}

TEST_F(CliOverTls, AnAddressOnTheCertificateIsEnough) {
  expect_silent(run_sconce({"health", "--ca", files_.authority_file(), "--url", url("127.0.0.1")}));
}

TEST_F(CliOverTls, InspectShowsAnObjectAsInPlaintext) {
  TlsConnection connection(server_.port(), files_.client());
  const std::string body = read_golden("Float_shared.binary.ref.t7");
  ASSERT_EQ(connection.exchange({.method = "PUT", .target = "/v1/objects/a", .body = body}).status, 201U);
  const Outcome run = run_sconce({"inspect", url() + "/v1/objects/a", "--ca", files_.authority_file()});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, run_sconce({"inspect", "Float_shared.binary.ref.t7"}).out);
}

TEST_F(CliOverTls, ACertificateIsShownToAServerThatAsks) {
  const ServerProcess asking(files_.directory().path() / "more",
                             files_.flags({"--tls-client-ca", files_.authority_file()}));
  const TlsClientOptions client = files_.client_with(files_.authority().issue("client"));
  const std::string its_url = "https://localhost:" + std::to_string(asking.port());
  const std::vector<std::string> without = {"health", "--url", its_url, "--ca", files_.authority_file()};
  std::vector<std::string> with = without;
  with.insert(with.end(), {"--cert", client.certificate, "--key", client.key});
  expect_silent(run_sconce(with));
  expect_failure(run_sconce(without), "sconce: " + its_url + ": cannot receive: tlsv13 alert certificate required");
}

TEST_F(CliOverTls, PlaintextWhereTlsIsExpectedIsAnError) {
  const std::string plain = "http://localhost:" + std::to_string(server_.port());
  expect_failure(run_sconce({"health", "--url", plain}),
                 "sconce: " + plain + ": the server ended the connection without an answer");
  expect_failure(run_sconce({"health", "--url", plain, "--ca", files_.authority_file()}),
                 "sconce: " + plain + ": what says how to speak TLS goes with a URL that begins with https://");
  const Listener listener;
  const std::string not_tls = "https" + listener.url().substr(4);
  std::thread serving([&] { listener.answer_once("HTTP/1.1 400 Bad Request\r\n\r\n", 16); });
  const Outcome run = run_sconce({"health", "--url", not_tls});
  serving.join();
  expect_failure(run, "sconce: " + not_tls + ": cannot agree on TLS: wrong version number");
}

/// 3 s for each step, as in plaintext; nothing of it ever comes.
TEST_F(CliOverTls, AServerThatIsSilentIsGivenUp) {
  const Listener silent;
  const std::string its_url = "https" + silent.url().substr(4);
  const auto began = std::chrono::steady_clock::now();
  expect_failure(run_sconce({"health", "--url", its_url}),
                 "sconce: " + its_url + ": cannot agree on TLS: Connection timed out");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST_F(CliOverTls, AFileThatIsNoPemIsNamed) {
  const std::string file = files_.directory().write("no.pem", "no certificate");
  expect_failure(health({"--ca", file}), "sconce: " + url() + ": cannot read certificates of authorities in " + file +
                                             ": no certificate or crl found");
}

TEST(CliTlsUsage, ACertificateTakesAKeyAndAFileNoTls) {
  EXPECT_EQ(run_sconce({"health", "--cert", "a"}).exit_code, 2);
  EXPECT_EQ(run_sconce({"inspect", "nil.ascii.ref.t7", "--ca", "a"}).exit_code, 2);
}

}  // namespace
}  // namespace sconce::tests
