// Methods, expectations, and the fields of every answer.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

TEST_F(HttpRows, Methods) {
  const std::string of_object = "Allow: GET, HEAD, PUT, DELETE";
  const Row rows[] = {
      {"HEAD as GET without the body",
       "9110 9.3.2",
       message("HEAD", "/healthz"),
       "h200",
       goes_on,
       {"Content-Length: 3"}},
      {"HEAD of an object",
       "9110 9.3.2",
       message("HEAD", "/v1/objects/a"),
       "h200",
       goes_on,
       {"Content-Length", "ETag: {etag}", "Last-Modified", "Accept-Ranges: bytes"}},
      {"HEAD of nothing", "9110 9.3.2", message("HEAD", "/v1/objects/none"), "h404", goes_on, {"Content-Length"}},
      {"HEAD of nonsense", "9110 9.3.2", "HEAD /healthz HTTP/1.1\r\n\r\n", "h400", ends, {"Content-Length"}},
      {"HEAD with a bad field", "9110 9.3.2", message("HEAD", "/healthz", "X : a\r\n"), "h400", ends},
      {"DELETE of nothing", "9110 9.3.5", message("DELETE", "/v1/objects/none"), "404"},
      {"POST on an object", "9110 15.5.6", message("POST", "/v1/objects/a"), "405", goes_on, {of_object}},
      {"PATCH on an object", "9110 15.5.6", message("PATCH", "/v1/objects/a"), "405", goes_on, {of_object}},
      {"PUT on health", "9110 15.5.6", message("PUT", "/healthz"), "405", goes_on, {"Allow: GET, HEAD"}},
      {"GET on convert", "9110 15.5.6", get("/v1/convert"), "405", goes_on, {"Allow: POST"}},
      {"PUT on the list", "9110 15.5.6", message("PUT", "/v1/objects"), "405", goes_on, {"Allow: GET, HEAD"}},
      {"OPTIONS on an object", "9110 9.3.7", message("OPTIONS", "/v1/objects/a"), "405", goes_on, {of_object}},
      {"OPTIONS *", "9112 3.2.4", message("OPTIONS", "*"), "405", goes_on, {"Allow: GET, HEAD, PUT, DELETE, POST"}},
      {"OPTIONS of a host",
       "9112 3.2.4",
       message("OPTIONS", "http://localhost"),
       "405",
       goes_on,
       {"Allow: GET, HEAD, PUT, DELETE, POST"}},
      {"TRACE on an object", "9110 9.3.8", message("TRACE", "/v1/objects/a"), "405", goes_on, {of_object}},
      {"TRACE on nothing", "9110 9.3.8", message("TRACE", "/"), "404"},
      {"CONNECT", "9110 9.3.6", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", "501", ends},
      {"CONNECT of a path", "9110 9.3.6", message("CONNECT", "/v1/objects/a"), "501", ends},
      {"an unknown method", "9110 15.6.2", message("BREW", "/v1/objects/a"), "501"},
      {"an unknown method on nothing", "9110 15.6.2", message("PROPFIND", "/nothing"), "501"},
      {"methods have their case", "9110 9.1", message("get", "/healthz"), "501"},
      {"an unknown method with a body", "9110 15.6.2", message("BREW", "/", "Content-Length: 3\r\n", "tea"), "501"},
      {"PUT with a Content-Range", "9110 14.5", put("Content-Length: 6\r\nContent-Range: bytes 0-5/9\r\n", kNumber),
       "400"},
      {"PUT with a Range", "9110 14.2", put("Content-Length: 6\r\nRange: bytes=0-1\r\n", kNumber), "200"},
      {"PUT with an unknown Content-Encoding", "9110 8.4",
       put("Content-Length: 6\r\nContent-Encoding: gzip\r\n", kNumber), "415"},
  };
  check(rows);
}

TEST_F(HttpRows, Expectations) {
  const std::string waits = "Expect: 100-continue\r\nContent-Length: 6\r\n";
  const Row rows[] = {
      {"100-continue", "9110 10.1.1", put(waits, kNumber), "100 200"},
      {"in other letters", "9110 10.1.1", put("Expect: 100-CONTINUE\r\nContent-Length: 6\r\n", kNumber), "100 200"},
      {"in chunks", "9110 10.1.1",
       put("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "6\r\n" + kNumber + "\r\n0\r\n\r\n"), "100 200"},
      {"without a body", "9110 10.1.1", get("/healthz", "Expect: 100-continue\r\n"), "200"},
      {"in HTTP/1.0", "9110 10.1.1",
       "PUT /v1/objects/w HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n" + kNumber, "200", ends},
      {"another one in HTTP/1.0", "9110 10.1.1", "GET /healthz HTTP/1.0\r\nExpect: tea\r\n\r\n", "200", ends},
      {"another one", "9110 15.5.18", put("Expect: tea\r\nContent-Length: 6\r\n", kNumber), "417", ends},
      {"another one beside it", "9110 15.5.18", put("Expect: 100-continue, tea\r\nContent-Length: 6\r\n", kNumber),
       "417", ends},
      {"another one in a second line", "9110 15.5.18",
       put("Expect: 100-continue\r\nExpect: tea\r\nContent-Length: 6\r\n", kNumber), "417", ends},
      {"refused for its length", "9110 10.1.1", put("Expect: 100-continue\r\nContent-Length: 2000001\r\n"), "413",
       ends},
      {"refused for its type", "9110 10.1.1", put(waits + "Content-Type: image/png\r\n"), "415", ends},
      {"refused for its condition", "9110 13.2.1", put(waits + "If-None-Match: *\r\n"), "412", ends},
      {"refused for its path", "9110 10.1.1", message("PUT", "/nothing", waits), "404", ends},
      {"refused for its method", "9110 10.1.1", message("BREW", "/nothing", waits), "501", ends},
      {"refused for its framing", "9110 10.1.1", put(waits + "Transfer-Encoding: chunked\r\n"), "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, FieldsOfAnswers) {
  const std::vector<std::string> of_object = {"ETag: {etag}",         "Last-Modified",
                                              "Vary: Accept",         "Cache-Control: no-cache",
                                              "Accept-Ranges: bytes", "Content-Type: application/x-torch7"};
  const Row rows[] = {
      {"an object", "9110 12.5.5", get("/v1/objects/a"), "200", goes_on, of_object},
      {"an object to HEAD", "9110 9.3.2", message("HEAD", "/v1/objects/a"), "h200", goes_on, of_object},
      {"an object by Accept",
       "9110 12.5.5",
       get("/v1/objects/w", "Accept: application/x-torch7; format=ascii\r\n"),
       "200",
       goes_on,
       {"Vary: Accept", "Content-Type: application/x-torch7; format=ascii"}},
      {"a list", "9110 12.5.5", get("/v1/objects"), "200", goes_on, {"Vary: Accept", "Cache-Control: no-cache"}},
      {"a list in lines",
       "9112 7.1",
       get("/v1/objects", "Accept: application/x-ndjson\r\n"),
       "200",
       goes_on,
       {"Vary: Accept", "Transfer-Encoding: chunked", "!Content-Length"}},
      {"a list in lines to HEAD",
       "9110 8.6",
       message("HEAD", "/v1/objects", "Accept: application/x-ndjson\r\n"),
       "h200",
       goes_on,
       {"!Content-Length"}},
      {"a list in lines to HTTP/1.0",
       "9112 6.1",
       "GET /v1/objects HTTP/1.0\r\nConnection: keep-alive\r\nAccept: application/x-ndjson\r\n\r\n",
       "200",
       ends,
       {"!Transfer-Encoding", "!Content-Length"}},
      {"health", "9111 5.2.2.5", get("/healthz"), "200", goes_on, {"Cache-Control: no-store"}},
      {"metrics", "9111 5.2.2.5", get("/metrics"), "200", goes_on, {"Cache-Control: no-store"}},
      {"a format that is not known", "9110 15.5.7", get("/v1/objects/a", "Accept: image/png\r\n"), "406"},
      {"a PUT",
       "9110 9.3.4",
       put("Content-Length: 6\r\n", kNumber),
       "200",
       goes_on,
       {"ETag", "Location: /v1/objects/w"}},
      {"a 204", "9110 8.6", message("POST", "/v1/admin/compact"), "204", goes_on, {"!Content-Type"}},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
