// What is in memory is answered at once, and as what has to be read.

#include <gtest/gtest.h>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/float_tensor.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

/// What of an answer must not depend on where its bytes were.
std::string told(const HttpResponse& response) {
  std::string all = std::to_string(response.status) + (response.whole ? "" : " cut off");
  for (const char* const name : {"content-type", "content-length", "accept-ranges", "content-range"}) {
    const std::string value = response.field(name);
    all += "\n" + std::string(name) + ": " + value.substr(0, value.find("boundary="));
  }
  return all;
}

/// The body; what separates its parts is of the revision.
std::string without_boundary(const HttpResponse& response) {
  const std::string type = response.field("content-type");
  const std::size_t at = type.find("boundary=");
  std::string body = response.body;
  if (at == std::string::npos) return body;
  const std::string boundary = type.substr(at + 9);
  for (std::size_t found; (found = body.find(boundary)) != std::string::npos;)
    body.replace(found, boundary.size(), "|");
  return body;
}

/// Two servers with the same objects, of which one keeps nothing of what it reads.
class HotObjects : public testing::Test {
 protected:
  void put(const std::string& key, const std::string& object) {
    for (const std::uint16_t port : {hot_.port(), cold_.port()}) {
      const HttpRequest request{.method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = object};
      ASSERT_EQ(http(port, request).status, 201U);
    }
    http(hot_.port(), {.target = "/v1/objects/" + key});
  }

  void expect_the_same(const HttpRequest& request, unsigned status) {
    const HttpResponse hot = http(hot_.port(), request);
    const HttpResponse cold = http(cold_.port(), request);
    const std::string what = text_of(request);
    EXPECT_EQ(hot.status, status) << what;
    EXPECT_EQ(told(hot), told(cold)) << what;
    EXPECT_TRUE(without_boundary(hot) == without_boundary(cold)) << what;
  }

  /// Of all representations.
  void expect_the_same(const std::string& key, bool in_all_formats = true) {
    for (const std::string format : {"binary", "npy", "safetensors"}) {
      const std::string target = "/v1/objects/" + key + "?format=" + format;
      const unsigned status = in_all_formats || format == "binary" ? 200 : 422;
      expect_the_same({.target = target}, status);
      expect_the_same({.method = "HEAD", .target = target}, status);
    }
  }

  TemporaryDirectory directory_;
  ServerProcess hot_{directory_.path() / "hot"};
  ServerProcess cold_{directory_.path() / "cold", {"--cache-bytes", "0"}};
};

TEST_F(HotObjects, AreAnsweredAsColdOnes) {
  put("small", float_tensor({1000}, 0));
  put("large", float_tensor({300, 1000}, 7));
  put("expanded", float_view({2, 400'000}, {0, 1}, 0, 400'000));
  put("transposed", float_view({300, 1000}, {1, 300}, 0, 300'000));
  // Its indices are not in order.
  put("renumbered",
      "4\n5\n3\nV 1\n17\ntorch.FloatTensor\n1\n2\n1\n1\n4\n3\n3\nV 1\n18\ntorch.FloatStorage\n2\n1.5 2.5\n");
  put("table", read_golden("nn_mlp.ascii.ref.t7"));
  for (const char* const key : {"small", "large", "expanded", "transposed", "renumbered"}) expect_the_same(key);
  expect_the_same("table", false);
}

TEST_F(HotObjects, HaveTheSameRanges) {
  put("a", float_tensor({200, 1000}, 7));
  put("b", float_tensor({500, 1000}, 7));  // too large for ranges of what is made
  for (const std::string range : {"5-300000", "-7", "1000-1001,300000-300100", "700000-"}) {
    const std::vector<std::string> fields = {"Range: bytes=" + range};
    for (const std::string format : {"binary", "npy", "safetensors"}) {
      expect_the_same({.target = "/v1/objects/a?format=" + format, .fields = fields}, 206);
    }
    expect_the_same({.target = "/v1/objects/b", .fields = fields}, 206);
    expect_the_same({.target = "/v1/objects/b?format=npy", .fields = fields}, 200);
  }
}

}  // namespace
}  // namespace sconce::tests
