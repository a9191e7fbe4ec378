// What the process says of itself at /metrics. A request has been counted once the next one on its connection is read,
// so one connection asks for all.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/hostile/wire.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

/// By name and labels, as they stand in the text.
using Numbers = std::map<std::string, double>;

Numbers numbers_of(const std::string& text) {
  Numbers numbers;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.rfind(' ');
    if (!line.starts_with('#')) numbers[line.substr(0, blank)] = std::stod(line.substr(blank + 1));
  }
  return numbers;
}

std::string request_count(const std::string& endpoint, const std::string& method, unsigned status) {
  return "sconce_requests_total{endpoint=\"" + endpoint + "\",method=\"" + method + "\",status=\"" +
         std::to_string(status) + "\"}";
}

/// A torch.ByteStorage in binary.
std::string byte_storage(std::size_t count) { return Wire().byte_storage(1, std::string(count, 'x')).bytes(); }

class MetricsOverHttp : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return connection_.exchange(request); }
  HttpResponse put(const std::string& target, const std::string& body) {
    return send({.method = "PUT", .target = target, .fields = {}, .body = body});
  }
  Numbers numbers() { return numbers_of(send({.target = "/metrics"}).body); }

  const std::string number_ = "1\n3.5\n";  // 12 bytes in binary
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
  HttpConnection connection_{server_.port()};
};

TEST_F(MetricsOverHttp, TheTextIsThatOfPrometheus) {
  const HttpResponse got = send({.target = "/metrics"});
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(got.field("cache-control"), "no-store");
  EXPECT_NE(got.body.find("# TYPE sconce_request_seconds histogram\n"), std::string::npos);
  const HttpResponse head = send({.method = "HEAD", .target = "/metrics"});
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.body, "");
  EXPECT_GT(std::stoul(head.field("content-length")), 1000U);
  EXPECT_EQ(send({.method = "POST", .target = "/metrics"}).status, 405U);
}

TEST_F(MetricsOverHttp, RequestsAreCountedByWhatBecameOfThem) {
  put("/v1/objects/a", number_);
  put("/v1/objects/a", number_);
  put("/v1/objects/a?format=ascii", "nonsense");
  for (int i = 0; i < 3; ++i) send({.target = "/v1/objects/a"});
  send({.method = "HEAD", .target = "/v1/objects/a"});
  send({.target = "/v1/objects/none"});
  send({.target = "/v1/objects"});
  send({.target = "/nowhere"});
  send({.method = "BREW", .target = "/v1/objects/a"});
  send({.method = "DELETE", .target = "/v1/objects/a"});
  send({.target = "/metrics"});
  Numbers counted = numbers();
  EXPECT_EQ(counted[request_count("put_object", "PUT", 201)], 1);
  EXPECT_EQ(counted[request_count("put_object", "PUT", 200)], 1);
  EXPECT_EQ(counted[request_count("put_object", "PUT", 400)], 1);
  EXPECT_EQ(counted[request_count("read_object", "GET", 200)], 3);
  EXPECT_EQ(counted[request_count("read_object", "HEAD", 200)], 1);
  EXPECT_EQ(counted[request_count("read_object", "GET", 404)], 1);
  EXPECT_EQ(counted[request_count("list_objects", "GET", 200)], 1);
  EXPECT_EQ(counted[request_count("none", "GET", 404)], 1);
  EXPECT_EQ(counted[request_count("none", "other", 501)], 1);
  EXPECT_EQ(counted[request_count("delete_object", "DELETE", 204)], 1);
  EXPECT_EQ(counted[request_count("metrics", "GET", 200)], 1);
  EXPECT_EQ(counted["sconce_request_seconds_count{endpoint=\"read_object\"}"], 5);
  EXPECT_EQ(counted["sconce_request_seconds_count{endpoint=\"convert\"}"], 0);
}

TEST_F(MetricsOverHttp, BodiesAreCountedInTheirBytes) {
  const std::string large = byte_storage(1'000'000);
  const std::string first = send({.target = "/metrics"}).body;
  put("/v1/objects/large", large);  // comes in pieces
  put("/v1/objects/a", number_);    // comes whole
  send({.target = "/v1/objects/large"});
  send({.method = "HEAD", .target = "/v1/objects/large"});
  send({.target = "/v1/objects/a", .fields = {"Range: bytes=0-9"}});
  Numbers before = numbers_of(first);
  Numbers after = numbers();
  const std::string came = "sconce_request_body_bytes_total";
  const std::string sent = "sconce_response_body_bytes_total";
  EXPECT_EQ(after[came] - before[came], static_cast<double>(large.size() + number_.size()));
  EXPECT_EQ(after[sent] - before[sent], static_cast<double>(first.size() + large.size() + 10));
}

TEST_F(MetricsOverHttp, WhatIsRefusedBeforeItsBodyIsCounted) {
  {
    HttpConnection waits(server_.port());
    waits.send(
        "PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        "Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
    EXPECT_EQ(waits.receive().status, 415U);
    EXPECT_TRUE(waits.ended());
    HttpConnection nonsense(server_.port());
    nonsense.send("nonsense\r\n\r\n");
    EXPECT_EQ(nonsense.receive().status, 400U);
    EXPECT_TRUE(nonsense.ended());
  }
  Numbers counted = numbers();
  EXPECT_EQ(counted[request_count("put_object", "PUT", 415)], 1);
  EXPECT_EQ(counted[request_count("none", "other", 400)], 1);
  EXPECT_EQ(counted["sconce_request_body_bytes_total"], 0);
}

TEST_F(MetricsOverHttp, OpenConnectionsAreCounted) {
  EXPECT_EQ(numbers()["sconce_connections"], 1);
  HttpConnection second(server_.port());
  second.exchange({.target = "/healthz"});
  EXPECT_EQ(numbers()["sconce_connections"], 2);
  {
    HttpConnection third(server_.port());
    third.send("nonsense\r\n\r\n");
    third.receive_to_end();
  }
  for (int tries = 0; numbers()["sconce_connections"] != 2; ++tries) ASSERT_LT(tries, 10'000);
}

TEST_F(MetricsOverHttp, WhatTheStoreDoesIsCounted) {
  put("/v1/objects/a", number_);
  put("/v1/objects/b", number_);
  send({.target = "/v1/objects/a"});
  send({.method = "DELETE", .target = "/v1/objects/b"});
  send({.method = "DELETE", .target = "/v1/objects/b"});
  Numbers counted = numbers();
  EXPECT_EQ(counted["sconce_store_values_read_total"], 1);
  EXPECT_EQ(counted["sconce_store_chunks_read_total"], 0);
  EXPECT_EQ(counted["sconce_store_bytes_read_total"], 12);
  EXPECT_EQ(counted["sconce_store_bytes_written_total"], 24);
  EXPECT_EQ(counted["sconce_store_commits_total"], 3);
  EXPECT_EQ(counted["sconce_store_commit_groups_total"], 3);
}

TEST_F(MetricsOverHttp, AHundredBytesOfALargeObjectCostOneChunk) {
  const std::string large = byte_storage(4 << 20);
  ASSERT_EQ(put("/v1/objects/a", large).status, 201U);
  Numbers before = numbers();
  const HttpResponse part = send({.target = "/v1/objects/a", .fields = {"Range: bytes=3000000-3000099"}});
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.body, large.substr(3'000'000, 100));
  Numbers after = numbers();
  EXPECT_EQ(after["sconce_store_chunks_read_total"] - before["sconce_store_chunks_read_total"], 1);
  EXPECT_EQ(after["sconce_store_values_read_total"] - before["sconce_store_values_read_total"], 0);
  EXPECT_EQ(after["sconce_store_bytes_read_total"] - before["sconce_store_bytes_read_total"], 256 * 1024);
}

}  // namespace
}  // namespace sconce::tests
