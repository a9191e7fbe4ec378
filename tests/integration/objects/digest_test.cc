// Digests of what is sent, and of what is asked for. The expected values are sha256sum's.

#include <gtest/gtest.h>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

const std::string kNumber = "1\n3.5\n";
const std::string kDigestOfNumber = "sha-256=:pSuKJZkKBJmW7/mjR/JQTFjUZNtXQSoa889Zzug8LYY=:";
const std::string kDigestOfItsBinary = "sha-256=:dMU+g71NL4yT2K/BprnvrdYm/t81TEnzzU3x33mXG7o=:";

class DigestsOverHttp : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  HttpResponse put(const std::string& digest_field, const std::string& body) {
    return send({.method = "PUT", .target = "/v1/objects/a", .fields = {digest_field}, .body = body});
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
};

TEST_F(DigestsOverHttp, ABodyThatIsNotWhatWasSentIsNotStored) {
  for (const std::string field : {"Content-Digest: ", "Repr-Digest: "}) {
    const HttpResponse refused = put(field + kDigestOfItsBinary, kNumber);
    EXPECT_EQ(refused.status, 400U);
    EXPECT_EQ(json::parse(refused.body).at("code"), "digest_mismatch") << refused.body;
    EXPECT_EQ(put(field + "sha-256=nonsense", kNumber).status, 400U);
    EXPECT_EQ(send({.target = "/v1/objects/a"}).status, 404U);
    EXPECT_EQ(put(field + kDigestOfNumber, kNumber).status, 201U);
    EXPECT_EQ(send({.method = "DELETE", .target = "/v1/objects/a"}).status, 204U);
  }
}

TEST_F(DigestsOverHttp, BatchesAndLargeBodiesAreCheckedToo) {
  const std::string tar = tar_entry("a", kNumber) + std::string(300'000 / 512 * 512, '\0');
  EXPECT_EQ(send({.method = "POST",
                  .target = "/v1/batch/commit",
                  .fields = {"Content-Digest: " + kDigestOfNumber},
                  .body = tar})
                .status,
            400U);
  EXPECT_EQ(send({.target = "/v1/objects/a"}).status, 404U);
}

TEST_F(DigestsOverHttp, EveryRepresentationHasItsOwn) {
  ASSERT_EQ(put("Content-Digest: " + kDigestOfNumber, kNumber).status, 201U);
  const auto read = [&](const std::string& method, const std::string& query, std::vector<std::string> fields) {
    return send({.method = method, .target = "/v1/objects/a" + query, .fields = std::move(fields)});
  };
  const std::string want = "Want-Repr-Digest: sha-256=1";
  EXPECT_EQ(read("GET", "?format=ascii", {want}).field("repr-digest"), kDigestOfNumber);
  EXPECT_EQ(read("GET", "?format=ascii", {want}).body, kNumber);
  EXPECT_EQ(read("GET", "", {want}).field("repr-digest"), kDigestOfItsBinary);
  EXPECT_EQ(read("HEAD", "", {want}).field("repr-digest"), kDigestOfItsBinary);
  const HttpResponse part = read("GET", "", {want, "Range: bytes=0-3"});
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.field("repr-digest"), kDigestOfItsBinary);
  EXPECT_EQ(part.body.size(), 4U);
  EXPECT_EQ(read("GET", "", {}).field("repr-digest"), "");
  EXPECT_EQ(read("GET", "", {"Want-Repr-Digest: sha-512=1"}).field("repr-digest"), "");
  EXPECT_EQ(read("GET", "", {"Want-Repr-Digest: ?"}).status, 400U);
}

}  // namespace
}  // namespace sconce::tests
