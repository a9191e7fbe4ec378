#include "tests/http/rows.h"

#include <memory>
#include <regex>
#include <sstream>

#include "tests/support/golden.h"

namespace sconce::tests {

namespace {

constexpr std::size_t kByteByByteMax = 600;

struct Running {
  TemporaryDirectory directory;
  ServerProcess server{directory.path() / "data",
                       {"--body-bytes-max", "2000000", "--body-timeout-ms", "1500", "--idle-timeout-ms", "10000"}};
  std::string etag;
  std::string date;
};

std::unique_ptr<Running> running;

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string lower(std::string text) {
  for (char& byte : text) byte = static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  return text;
}

void check_field(const HttpResponse& answer, const std::string& expected) {
  const std::size_t colon = expected.find(": ");
  if (expected.starts_with('!')) {
    EXPECT_FALSE(answer.fields.contains(lower(expected.substr(1)))) << expected;
  } else if (colon == std::string::npos) {
    EXPECT_TRUE(answer.fields.contains(lower(expected))) << expected;
  } else {
    EXPECT_EQ(answer.field(lower(expected.substr(0, colon))), expected.substr(colon + 2)) << expected;
  }
}

/// What holds for every answer but 100. Source: RFC 9110, sections 6.6.1, 8.6, 15.5.6; RFC 9112, section 6.1.
void check_any(const HttpResponse& answer) {
  static const std::regex date("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT");
  EXPECT_TRUE(std::regex_match(answer.field("date"), date)) << answer.field("date");
  const bool has_length = answer.fields.contains("content-length");
  EXPECT_FALSE(has_length && answer.fields.contains("transfer-encoding"));
  if (answer.status == 204 || answer.status == 304) {
    EXPECT_FALSE(has_length || answer.fields.contains("transfer-encoding"));
  }
  EXPECT_EQ(answer.fields.contains("allow"), answer.status == 405);
  EXPECT_EQ(answer.fields.contains("content-range"),
            answer.status == 416 ||
                (answer.status == 206 && !answer.field("content-type").starts_with("multipart/byteranges")));
  if (answer.status >= 400) {
    EXPECT_EQ(answer.field("content-type"), "application/problem+json");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
  }
}

/// The body lasts until the connection ends. Source: RFC 9112, section 6.3.
bool has_no_length(const HttpResponse& answer) {
  const bool framed = answer.fields.contains("content-length") || answer.fields.contains("transfer-encoding");
  return answer.status == 200 && !framed && answer.field("connection") == "close";
}

void check_end(HttpConnection& connection, Then then) {
  if (then == Then::ends) {
    EXPECT_TRUE(connection.ended()) << "the connection goes on";
    return;
  }
  const HttpResponse probe = connection.exchange({.target = "/healthz"});
  EXPECT_EQ(probe.status, 200U) << "the connection does not go on";
  EXPECT_EQ(probe.body, "ok\n");
}

void run(const Row& row, bool byte_by_byte) {
  const std::string bytes = replaced(replaced(row.send, "{etag}", running->etag), "{date}", running->date);
  HttpConnection connection(running->server.port());
  if (byte_by_byte) {
    for (const char byte : bytes) connection.send({&byte, 1});
  } else {
    connection.send(bytes);
  }
  std::istringstream statuses(row.statuses);
  HttpResponse last;
  for (std::string expected; statuses >> expected;) {
    const bool to_head = expected.starts_with('h');
    last = connection.receive(to_head);
    ASSERT_EQ(std::to_string(last.status), expected.substr(to_head ? 1 : 0)) << last.body;
    if (last.status == 100) continue;
    EXPECT_TRUE(last.whole);
    check_any(last);
    if (!to_head && has_no_length(last)) last.body = connection.receive_to_end();
  }
  for (const std::string& field : row.fields) check_field(last, replaced(field, "{etag}", running->etag));
  if (last.status >= 200 && last.version == "HTTP/1.1") {
    EXPECT_EQ(last.field("connection") == "close", row.then == Then::ends);
  }
  check_end(connection, row.then);
}

}  // namespace

std::string message(const std::string& method, const std::string& target, const std::string& fields,
                    const std::string& body) {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body;
}

std::string get(const std::string& target, const std::string& fields) { return message("GET", target, fields); }

std::string put(const std::string& fields, const std::string& body) {
  return message("PUT", "/v1/objects/w", fields, body);
}

void HttpRows::SetUpTestSuite() {
  running = std::make_unique<Running>();
  const std::string object = read_golden("nn_cnn.binary.ref.t7");
  const HttpResponse stored = http(port(), {.method = "PUT", .target = "/v1/objects/a", .body = object});
  ASSERT_EQ(stored.status, 201U);
  running->etag = stored.field("etag");
  running->date = http(port(), {.target = "/v1/objects/a"}).field("last-modified");
  ASSERT_EQ(http(port(), {.method = "PUT", .target = "/v1/objects/w", .body = kNumber}).status, 201U);
}

void HttpRows::TearDownTestSuite() { running.reset(); }

std::uint16_t HttpRows::port() { return running->server.port(); }

void HttpRows::check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    const std::string name = std::string(row.name) + " (RFC " + std::string(row.section) + ")";
    {
      const testing::ScopedTrace trace(__FILE__, __LINE__, name);
      run(row, false);
    }
    if (row.send.size() > kByteByByteMax) continue;
    const testing::ScopedTrace trace(__FILE__, __LINE__, name + ", byte by byte");
    run(row, true);
  }
}

}  // namespace sconce::tests
