// Versions, how long a connection lasts, requests in a row, and limits.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

std::string versioned(const std::string& version, const std::string& fields = "") {
  return "GET /healthz " + version + "\r\nHost: localhost\r\n" + fields + "\r\n";
}

TEST_F(HttpRows, Versions) {
  const Row rows[] = {
      {"1.1", "9112 2.3", versioned("HTTP/1.1"), "200"},
      {"1.0", "9112 9.3", versioned("HTTP/1.0"), "200", ends},
      {"1.0 with keep-alive",
       "9112 9.3",
       versioned("HTTP/1.0", "Connection: keep-alive\r\n"),
       "200",
       goes_on,
       {"Connection: keep-alive"}},
      {"1.0 with close", "9112 9.3", versioned("HTTP/1.0", "Connection: close\r\n"), "200", ends},
      {"1.0 with both", "9112 9.3", versioned("HTTP/1.0", "Connection: keep-alive, close\r\n"), "200", ends},
      {"1.2 is read as 1.1", "9110 2.5", versioned("HTTP/1.2"), "200"},
      {"1.9 is read as 1.1", "9110 2.5", versioned("HTTP/1.9"), "200"},
      {"2.0", "9110 15.6.6", versioned("HTTP/2.0"), "505", ends},
      {"3.0", "9110 15.6.6", versioned("HTTP/3.0"), "505", ends},
      {"0.9", "9110 15.6.6", versioned("HTTP/0.9"), "505", ends},
      {"9.9", "9110 15.6.6", versioned("HTTP/9.9"), "505", ends},
      {"the preface of HTTP/2", "9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", ends},
      {"no minor", "9112 2.3", versioned("HTTP/2"), "400", ends},
      {"1.10", "9112 2.3", versioned("HTTP/1.10"), "400", ends},
      {"11.1", "9112 2.3", versioned("HTTP/11.1"), "400", ends},
      {"in small letters", "9112 2.3", versioned("http/1.1"), "400", ends},
      {"another name", "9112 2.3", versioned("HTTPS/1.1"), "400", ends},
      {"a comma", "9112 2.3", versioned("HTTP/1,1"), "400", ends},
      {"letters", "9112 2.3", versioned("HTTP/x.y"), "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, AnswersToHttp10AreOfHttp11) {
  HttpConnection connection(port());
  connection.send(versioned("HTTP/1.0"));
  EXPECT_EQ(connection.receive().version, "HTTP/1.1");
}

TEST_F(HttpRows, WhetherAConnectionGoesOn) {
  const std::string upgrade =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAA\r\n";
  const Row rows[] = {
      {"close", "9112 9.6", get("/healthz", "Connection: close\r\n"), "200", ends},
      {"close in other letters", "9110 7.6.1", get("/healthz", "Connection: CLOSE\r\n"), "200", ends},
      {"close in a list", "9110 7.6.1", get("/healthz", "Connection: X-A, close\r\n"), "200", ends},
      {"close in a second line", "9110 7.6.1", get("/healthz", "Connection: X-A\r\nConnection: close\r\n"), "200",
       ends},
      {"what follows close is not answered", "9112 9.6", get("/healthz", "Connection: close\r\n") + get("/healthz"),
       "200", ends},
      {"keep-alive", "9112 9.3", get("/healthz", "Connection: keep-alive\r\n"), "200"},
      {"close with a body", "9112 9.6", put("Connection: close\r\nContent-Length: 6\r\n", kNumber), "200", ends},
      {"close on a problem", "9112 9.6", get("/nothing", "Connection: close\r\n"), "404", ends},
      {"an upgrade to h2c", "9110 7.8", get("/healthz", upgrade), "200", goes_on, {"!Upgrade"}},
      {"an upgrade to websocket",
       "9110 7.8",
       get("/healthz", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
       "200",
       goes_on,
       {"!Upgrade"}},
      {"an upgrade without Connection", "9110 7.8", get("/healthz", "Upgrade: h2c\r\n"), "200"},
  };
  check(rows);
}

TEST_F(HttpRows, RequestsInARow) {
  const std::string body = put("Content-Length: 6\r\n", kNumber);
  const std::string chunks = put("Transfer-Encoding: chunked\r\n", "6\r\n" + kNumber + "\r\n0\r\n\r\n");
  const std::string head = message("HEAD", "/v1/objects/a");
  const Row rows[] = {
      {"three of a kind", "9112 9.3.2", get("/healthz") + get("/healthz") + get("/healthz"), "200 200 200"},
      {"of all kinds", "9112 9.3.2", get("/healthz") + body + head + chunks + get("/nothing"), "200 200 h200 200 404"},
      {"problems between", "9112 9.3.2", get("/nothing") + message("BREW", "/") + get("/healthz"), "404 501 200"},
      {"a HEAD of a problem", "9110 9.3.2", message("HEAD", "/nothing") + get("/healthz"), "h404 200"},
      {"a 304 between", "9112 6.3", get("/v1/objects/a", "If-None-Match: *\r\n") + get("/healthz"), "304 200"},
      {"a 204 between", "9112 6.3", message("POST", "/v1/admin/compact") + get("/healthz"), "204 200"},
      {"a bad one ends it", "9112 9.3.2", get("/healthz") + "nonsense\r\n\r\n" + get("/healthz"), "200 400", ends},
      {"a body that looks like a request", "9112 6.3",
       message("POST", "/v1/convert", "Content-Length: " + std::to_string(get("/x").size()) + "\r\n") + get("/x") +
           get("/healthz"),
       "400 200"},
      {"a hundred", "9112 9.3.2",
       [] {
         std::string all;
         for (int i = 0; i < 100; ++i) all += get("/healthz");
         return all;
       }(),
       [] {
         std::string all;
         for (int i = 0; i < 100; ++i) all += "200 ";
         return all;
       }()},
  };
  check(rows);
}

TEST_F(HttpRows, Limits) {
  const std::string body(3'000'000, 'x');
  // An object whose format is said, so that its first bytes are known to be wrong.
  const std::string type = "Content-Type: application/x-torch7\r\n";
  const Row rows[] = {
      {"a target of 8,000 bytes", "9112 3", get("/v1/objects?prefix=" + std::string(8000, 'x')), "200"},
      {"a target too long", "9110 15.5.15", get("/v1/objects?prefix=" + std::string(20'000, 'x')), "414", ends},
      {"a target without an end", "9110 15.5.15", "GET /" + std::string(100'000, 'x'), "414", ends},
      {"a method too long", "9112 3", std::string(20'000, 'G') + " / HTTP/1.1\r\nHost: a\r\n\r\n", "501", ends},
      {"a head of 16,000 bytes", "6585 5", get("/healthz", "X-A: " + std::string(15'900, 'x') + "\r\n"), "200"},
      {"a field too long", "6585 5", get("/healthz", "X-A: " + std::string(20'000, 'x') + "\r\n"), "431", ends},
      {"a name too long", "6585 5", get("/healthz", std::string(20'000, 'X') + ": a\r\n"), "431", ends},
      {"too many fields", "6585 5",
       get("/healthz",
           [] {
             std::string fields;
             for (int i = 0; i < 5000; ++i) fields += "X-A: b\r\n";
             return fields;
           }()),
       "431", ends},
      {"a length too large", "9110 15.5.14", put("Content-Length: 3000000\r\n", body), "413", ends},
      {"a length too large, and no body yet", "9110 15.5.14", put("Content-Length: 3000000\r\n"), "413", ends},
      {"chunks too large", "9110 15.5.14", put("Transfer-Encoding: chunked\r\n", "2dc6c0\r\n" + body + "\r\n0\r\n\r\n"),
       "413", ends},
      {"a bad body, then a request", "9110 15.5.1",
       put("Content-Length: 60000\r\n", std::string(60'000, '\xff')) + get("/healthz"), "400 200"},
      {"a bad body while it is still sent", "9110 15.5.1",
       put(type + "Content-Length: 1900000\r\n", std::string(600'000, '\xff')), "400", ends},
      {"a bad body in chunks while it is still sent", "9112 9.6",
       put(type + "Transfer-Encoding: chunked\r\n", "927c0\r\n" + std::string(600'000, '\xff') + "\r\n1\r\n"), "400",
       ends},
      {"what looks like a request in a bad body", "9112 9.6",
       put(type + "Content-Length: 1900000\r\n", std::string(600'000, '\xff') + get("/healthz") + get("/healthz")),
       "400", ends},
      {"a key too long", "9110 15.5.1", get("/v1/objects/" + std::string(1025, 'k')), "400"},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
