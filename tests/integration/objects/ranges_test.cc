// Range, If-Range, and what is said of them.

#include <gtest/gtest.h>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

class RangesOverHttp : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(send({.method = "PUT", .target = "/v1/objects/a", .fields = {}, .body = whole_}).status, 201U);
  }
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  HttpResponse get(const std::string& range, std::vector<std::string> fields = {}, const std::string& query = "") {
    fields.push_back("Range: " + range);
    return send({.target = "/v1/objects/a" + query, .fields = std::move(fields), .body = {}});
  }

  const std::string whole_ = read_golden("nn_cnn.binary.ref.t7");
  const std::string size_ = std::to_string(whole_.size());
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
};

TEST_F(RangesOverHttp, OneRangeIsThoseBytes) {
  const HttpResponse part = get("bytes=100-199");
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.body, whole_.substr(100, 100));
  EXPECT_EQ(part.field("content-range"), "bytes 100-199/" + size_);
  EXPECT_EQ(part.field("content-type"), "application/x-torch7");
  EXPECT_EQ(part.field("accept-ranges"), "bytes");
  EXPECT_EQ(part.field("etag"), send({.target = "/v1/objects/a"}).field("etag"));
  EXPECT_EQ(get("bytes=-10").body, whole_.substr(whole_.size() - 10));
}

TEST_F(RangesOverHttp, SeveralRangesAreParts) {
  const HttpResponse parts = get("bytes=0-9,50-54");
  EXPECT_EQ(parts.status, 206U);
  const std::string type = parts.field("content-type");
  const std::string prefix = "multipart/byteranges; boundary=";
  ASSERT_TRUE(type.starts_with(prefix)) << type;
  const std::string boundary = "--" + type.substr(prefix.size());
  const auto part = [&](const std::string& range, const std::string& bytes) {
    return boundary + "\r\nContent-Type: application/x-torch7\r\nContent-Range: bytes " + range + "/" + size_ +
           "\r\n\r\n" + bytes + "\r\n";
  };
  EXPECT_EQ(parts.body, part("0-9", whole_.substr(0, 10)) + part("50-54", whole_.substr(50, 5)) + boundary + "--\r\n");
}

TEST_F(RangesOverHttp, OtherFormatsHaveRangesOfTheirOwn) {
  const std::string ascii = send({.target = "/v1/objects/a?format=ascii"}).body;
  const HttpResponse part = get("bytes=10-29", {}, "?format=ascii");
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.body, ascii.substr(10, 20));
}

TEST_F(RangesOverHttp, WhatCannotBeSatisfiedSaysTheSize) {
  const HttpResponse refused = get("bytes=" + size_ + "-");
  EXPECT_EQ(refused.status, 416U);
  EXPECT_EQ(refused.field("content-range"), "bytes */" + size_);
  EXPECT_EQ(nlohmann::json::parse(refused.body).at("code"), "range_not_satisfiable");
}

TEST_F(RangesOverHttp, WhatIsNoRangeIsTheWhole) {
  EXPECT_EQ(get("items=0-9").status, 200U);
  EXPECT_EQ(get("bytes=9-0").body, whole_);
  EXPECT_EQ(send({.method = "HEAD", .target = "/v1/objects/a", .fields = {"Range: bytes=0-9"}, .body = {}}).status,
            200U);
}

TEST_F(RangesOverHttp, IfRangeAsksForTheSameRevision) {
  const std::string tag = send({.target = "/v1/objects/a"}).field("etag");
  EXPECT_EQ(get("bytes=0-9", {"If-Range: " + tag}).status, 206U);
  ASSERT_EQ(send({.method = "PUT", .target = "/v1/objects/a", .fields = {}, .body = whole_}).status, 200U);
  EXPECT_EQ(get("bytes=0-9", {"If-Range: " + tag}).body, whole_);
  EXPECT_EQ(get("bytes=0-9", {"If-Match: " + tag}).status, 412U);
}

}  // namespace
}  // namespace sconce::tests
