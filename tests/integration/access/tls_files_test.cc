// The files of TLS: certificates and keys that are wrong, that change while the server runs, and those of clients.

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <filesystem>

#include "tests/server/curl.h"
#include "tests/server/tls_server.h"

namespace sconce::tests {
namespace {

namespace fs = std::filesystem;

/// What a server says that does not start with these files.
std::string refusal(const TlsFiles& files, const std::vector<std::string>& more = {}) {
  ServerProcess server(files.directory().path() / "data", files.flags(more));
  EXPECT_EQ(server.port(), 0);
  EXPECT_EQ(server.wait(), 1);
  return server.log();
}

std::string line(const std::string& what) { return "sconce: serve: " + what + '\n'; }

TEST(TlsFilesAtStart, AKeyOfAnotherCertificateIsRefused) {
  const TlsFiles files;
  Certificate mixed = files.authority().issue("one");
  mixed.key = files.authority().issue("other").key;
  files.write_server(mixed);
  const TemporaryDirectory& in = files.directory();
  EXPECT_EQ(refusal(files), line("the private key in " + (in / "server.key") +
                                 " is not that of the first certificate in " + (in / "server.pem")));
}

TEST(TlsFilesAtStart, AKeyOfAnotherKindIsRefused) {
  const TlsFiles files;
  files.write_server({.chain = files.authority().issue("one").chain, .key = rsa_key()});
  EXPECT_NE(refusal(files).find("is not that of the first certificate in"), std::string::npos);
}

TEST(TlsFilesAtStart, AKeyWithAPassphraseIsRefusedWithoutAsking) {
  const TlsFiles files;
  const Certificate certificate = files.authority().issue("one");
  files.write_server({.chain = certificate.chain, .key = with_passphrase(certificate.key)});
  EXPECT_EQ(refusal(files),
            line("the private key in " + (files.directory() / "server.key") + " has a passphrase; give one without"));
}

TEST(TlsFilesAtStart, WhatIsNoPemIsRefused) {
  const TlsFiles files;
  const Certificate good = files.authority().issue("one");
  const TemporaryDirectory& in = files.directory();
  files.write_server({.chain = "no certificate", .key = good.key});
  EXPECT_EQ(refusal(files),
            line("cannot read a certificate in " + (in / "server.pem") + ", which is to be PEM: no start line"));
  files.write_server({.chain = good.chain, .key = good.chain});
  EXPECT_EQ(refusal(files),
            line("cannot read a private key in " + (in / "server.key") + ", which is to be PEM: unsupported"));
  files.write_server(good);
  EXPECT_EQ(refusal(files, {"--tls-client-ca", in / "server.key"}),
            line("cannot read certificates of authorities in " + (in / "server.key") +
                 ", which is to be PEM: no certificate or crl found"));
}

TEST(TlsFilesAtStart, AFileThatIsMissingIsNamed) {
  const TlsFiles files;
  const TemporaryDirectory& in = files.directory();
  EXPECT_EQ(refusal(files, {"--tls-client-ca", in / "missing"}),
            line("cannot read certificates of authorities in " + (in / "missing") +
                 ", which is to be PEM: No such file or directory"));
  fs::remove(in / "server.key");
  EXPECT_EQ(refusal(files), line("cannot read a private key in " + (in / "server.key") +
                                 ", which is to be PEM: No such file or directory"));
}

TEST(TlsFilesAtStart, ACertificateTakesAKey) {
  const TlsFiles files;
  ServerProcess server(files.directory().path() / "data", {"--tls-cert", files.directory() / "server.pem"});
  EXPECT_EQ(server.wait(), 2);
  EXPECT_EQ(server.log(), "sconce: --tls-cert requires --tls-key (see sconce --help)\n");
}

/// It may be right, where nobody else lives, as in a container; so it is said, and no more.
TEST(TlsFilesAtStart, AKeyThatOthersCanReadIsWarnedOf) {
  const TlsFiles files;
  const std::string warning =
      "warning every user of this machine has access to the private key in " + (files.directory() / "server.key");
  for (const bool open : {true, false}) {
    fs::permissions(files.directory() / "server.key", open ? fs::perms(0644) : fs::perms(0640));
    ServerProcess server(files.directory().path() / "data", files.flags());
    EXPECT_EQ(TlsConnection(server.port(), files.client()).error(), "");
    server.send_signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
    EXPECT_EQ(server.log().find(warning) != std::string::npos, open) << server.log();
  }
}

TEST(TlsFilesAtStart, ACertificateThatHasExpiredIsWarnedOf) {
  const TlsFiles files;
  files.write_server(files.authority().issue_expired("old"));
  ServerProcess server(files.directory().path() / "data", files.flags());
  EXPECT_TRUE(server.wait_for_log("listening"));
  EXPECT_EQ(TlsConnection(server.port(), files.client()).error(), "certificate verify failed");
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.log().find("warning clients will refuse it: the certificate in"), std::string::npos) << server.log();
}

class TlsReload : public testing::Test {
 protected:
  std::string name_for_new_connections() const { return TlsConnection(server_.port(), files_.client()).server_name(); }

  const TlsFiles files_;
  ServerProcess server_{files_.directory().path() / "data", files_.flags()};
};

TEST_F(TlsReload, NewConnectionsSeeTheNewCertificateAndOldOnesGoOn) {
  TlsConnection old(server_.port(), files_.client());
  ASSERT_EQ(old.server_name(), "first");
  EXPECT_EQ(old.exchange({.target = "/healthz"}).status, 200U);
  files_.write_server(files_.authority().issue("second"));
  EXPECT_EQ(name_for_new_connections(), "first");
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("is valid until", 2));
  EXPECT_EQ(name_for_new_connections(), "second");
  EXPECT_EQ(old.exchange({.target = "/healthz"}).status, 200U);
}

TEST_F(TlsReload, ABrokenFileIsLoggedAndTheOldCertificateStays) {
  Certificate broken = files_.authority().issue("second");
  broken.key = files_.authority().issue("third").key;
  files_.write_server(broken);
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("error TLS goes on with what it had: "));
  ASSERT_TRUE(server_.wait_for_log("is not that of the first certificate"));
  EXPECT_EQ(name_for_new_connections(), "first");
  files_.write_server(files_.authority().issue("third"));
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("is valid until", 2));
  EXPECT_EQ(name_for_new_connections(), "third");
}

class TlsClients : public testing::Test {
 protected:
  /// What a client of TLS 1.3 thinks is agreed on the server may still refuse, so the answer decides.
  std::string outcome(const TlsClientOptions& options) const {
    TlsConnection connection(server_.port(), options);
    const HttpResponse answer = connection.exchange({.target = "/healthz"});
    return answer.status == 200 ? "200" : connection.error();
  }

  const Authority other_{"Other"};
  const TlsFiles files_;
  ServerProcess server_{files_.directory().path() / "data", files_.flags({"--tls-client-ca", files_.authority_file()})};
};

TEST_F(TlsClients, WithACertificateOfTheAuthorityAreTaken) {
  const TlsClientOptions options = files_.client_with(files_.authority().issue("client"));
  EXPECT_EQ(outcome(options), "200");
  const std::string url = "https://localhost:" + std::to_string(server_.port()) + "/healthz";
  const CurlRun run = curl({"--cacert", options.authority, "--cert", options.certificate, "--key", options.key, url});
  EXPECT_EQ(run.out, "ok\n");
}

TEST_F(TlsClients, WithoutOneAreRefused) {
  EXPECT_EQ(outcome(files_.client()), "tlsv13 alert certificate required");
  TlsClientOptions older = files_.client();
  older.version_max = TLS1_2_VERSION;
  EXPECT_EQ(TlsConnection(server_.port(), older).error(), "sslv3 alert handshake failure");
}

TEST_F(TlsClients, WithOneOfAnotherAuthorityAreRefused) {
  EXPECT_EQ(outcome(files_.client_with(other_.issue("client"))), "tlsv1 alert unknown ca");
  const Authority of_the_same_name;
  EXPECT_EQ(outcome(files_.client_with(of_the_same_name.issue("client"))), "tlsv1 alert decrypt error");
}

TEST_F(TlsClients, WithOneThatHasExpiredAreRefused) {
  EXPECT_EQ(outcome(files_.client_with(files_.authority().issue_expired("client"))), "sslv3 alert certificate expired");
}

TEST_F(TlsClients, AreRefusedOnceTheirAuthorityIsGone) {
  const TlsClientOptions options = files_.client_with(files_.authority().issue("client"));
  ASSERT_EQ(outcome(options), "200");
  const std::string own = files_.directory().write("own.pem", files_.authority().certificate());
  files_.directory().write("authority.pem", other_.certificate());
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("is valid until", 2));
  TlsClientOptions still = options;
  still.authority = own;
  EXPECT_EQ(outcome(still), "tlsv1 alert unknown ca");
}

}  // namespace
}  // namespace sconce::tests
