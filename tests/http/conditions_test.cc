// Conditional requests in their order of precedence, and ranges.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

const std::string kPast = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string object(const std::string& fields) { return get("/v1/objects/a", fields); }

TEST_F(HttpRows, ConditionsOfAGet) {
  const std::vector<std::string> of_304 = {"ETag: {etag}", "Last-Modified", "Vary: Accept", "Cache-Control: no-cache",
                                           "!Content-Type"};
  const Row rows[] = {
      {"If-None-Match that matches", "9110 13.1.2", object("If-None-Match: {etag}\r\n"), "304", goes_on, of_304},
      {"If-None-Match, weakly", "9110 13.1.2", object("If-None-Match: W/{etag}\r\n"), "304", goes_on, of_304},
      {"If-None-Match in a list", "9110 13.1.2", object("If-None-Match: \"x\", {etag}\r\n"), "304", goes_on, of_304},
      {"If-None-Match: *", "9110 13.1.2", object("If-None-Match: *\r\n"), "304", goes_on, of_304},
      {"If-None-Match to HEAD", "9110 13.1.2", message("HEAD", "/v1/objects/a", "If-None-Match: {etag}\r\n"), "h304",
       goes_on, of_304},
      {"If-None-Match of another", "9110 13.1.2", object("If-None-Match: \"x\"\r\n"), "200"},
      {"If-None-Match of nothing", "9110 13.2.1", get("/v1/objects/none", "If-None-Match: *\r\n"), "404"},
      {"If-Match that matches", "9110 13.1.1", object("If-Match: {etag}\r\n"), "200"},
      {"If-Match, weakly", "9110 13.1.1", object("If-Match: W/{etag}\r\n"), "412", goes_on, {"ETag: {etag}"}},
      {"If-Match of another", "9110 13.1.1", object("If-Match: \"x\"\r\n"), "412", goes_on, {"ETag: {etag}"}},
      {"If-Match of nothing", "9110 13.1.1", get("/v1/objects/none", "If-Match: *\r\n"), "412", goes_on, {"!ETag"}},
      {"a tag without quotes", "9110 8.8.3", object("If-Match: x\r\n"), "400"},
      {"If-Match before If-None-Match", "9110 13.2.2", object("If-Match: \"x\"\r\nIf-None-Match: {etag}\r\n"), "412"},
      {"If-Match, then If-None-Match", "9110 13.2.2", object("If-Match: {etag}\r\nIf-None-Match: {etag}\r\n"), "304"},
      {"If-Modified-Since its date", "9110 13.1.3", object("If-Modified-Since: {date}\r\n"), "304", goes_on, of_304},
      {"If-Modified-Since before", "9110 13.1.3", object("If-Modified-Since: " + kPast + "\r\n"), "200"},
      {"a date as of RFC 850", "9110 5.6.7", object("If-Modified-Since: Friday, 01-Jan-60 00:00:00 GMT\r\n"), "304"},
      {"a date as of asctime", "9110 5.6.7", object("If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n"), "200"},
      {"a later date as of asctime", "9110 5.6.7", object("If-Modified-Since: Thu Jan  1 00:00:00 2060\r\n"), "304"},
      {"what is no date", "9110 13.1.3", object("If-Modified-Since: tomorrow\r\n"), "200"},
      {"If-None-Match before If-Modified-Since", "9110 13.1.3",
       object("If-None-Match: \"x\"\r\nIf-Modified-Since: {date}\r\n"), "200"},
      {"If-Unmodified-Since its date", "9110 13.1.4", object("If-Unmodified-Since: {date}\r\n"), "200"},
      {"If-Unmodified-Since before",
       "9110 13.1.4",
       object("If-Unmodified-Since: " + kPast + "\r\n"),
       "412",
       goes_on,
       {"ETag: {etag}"}},
      {"If-Match before If-Unmodified-Since", "9110 13.1.4",
       object("If-Match: {etag}\r\nIf-Unmodified-Since: " + kPast + "\r\n"), "200"},
      {"If-Unmodified-Since before If-None-Match", "9110 13.2.2",
       object("If-None-Match: {etag}\r\nIf-Unmodified-Since: " + kPast + "\r\n"), "412"},
      {"what is no date, again", "9110 13.1.4", object("If-Unmodified-Since: yesterday\r\n"), "200"},
      {"a condition on another answer than 2xx", "9110 13.2.1", get("/v1/objects/a?x=y", "If-None-Match: *\r\n"),
       "400"},
      {"a condition on health", "9110 13.2.1", get("/healthz", "If-Modified-Since: {date}\r\n"), "200"},
  };
  check(rows);
}

TEST_F(HttpRows, ConditionsOfAPut) {
  const auto conditional = [](const std::string& fields) { return put(fields + "Content-Length: 6\r\n", kNumber); };
  const Row rows[] = {
      {"If-Match: *", "9110 13.1.1", conditional("If-Match: *\r\n"), "200"},
      {"If-Match of another", "9110 13.1.1", conditional("If-Match: \"x\"\r\n"), "412", goes_on, {"ETag"}},
      {"If-None-Match: *", "9110 13.1.2", conditional("If-None-Match: *\r\n"), "412", goes_on, {"ETag"}},
      {"If-Modified-Since is not for it", "9110 13.1.3", conditional("If-Modified-Since: {date}\r\n"), "200"},
      {"If-Unmodified-Since", "9110 13.1.4", conditional("If-Unmodified-Since: " + kPast + "\r\n"), "400"},
      {"If-Unmodified-Since that is no date", "9110 13.1.4", conditional("If-Unmodified-Since: x\r\n"), "200"},
      {"If-Match before If-Unmodified-Since", "9110 13.1.4",
       conditional("If-Match: *\r\nIf-Unmodified-Since: " + kPast + "\r\n"), "200"},
  };
  check(rows);
}

TEST_F(HttpRows, Ranges) {
  const auto ranges = [](int count) {
    std::string text = "Range: bytes=0-0";
    for (int i = 1; i < count; ++i) text += "," + std::to_string(i) + "-" + std::to_string(i);
    return text + "\r\n";
  };
  const std::vector<std::string> of_206 = {"ETag: {etag}", "Vary: Accept", "Cache-Control: no-cache",
                                           "Content-Length: 10", "Accept-Ranges: bytes"};
  const Row rows[] = {
      {"the first bytes", "9110 14.1.2", object("Range: bytes=0-9\r\n"), "206", goes_on, of_206},
      {"the last bytes", "9110 14.1.2", object("Range: bytes=-10\r\n"), "206", goes_on, of_206},
      {"a unit in capitals", "9110 14.1", object("Range: BYTES=0-9\r\n"), "206", goes_on, of_206},
      {"a list of one", "9110 14.1.1", object("Range: bytes=,0-9,\r\n"), "206", goes_on, of_206},
      {"two", "9110 14.6", object("Range: bytes=0-9,20-29\r\n"), "206", goes_on, {"!Content-Range", "ETag: {etag}"}},
      {"32", "9110 17.15", object(ranges(32)), "206"},
      {"33", "9110 17.15", object(ranges(33)), "416"},
      {"the whole twice", "9110 17.15", object("Range: bytes=0-,0-\r\n"), "416"},
      {"one there and one not", "9110 14.1.2", object("Range: bytes=0-9,99999999-\r\n"), "206", goes_on, of_206},
      {"beyond the end", "9110 15.5.17", object("Range: bytes=99999999-\r\n"), "416"},
      {"the last 0", "9110 15.5.17", object("Range: bytes=-0\r\n"), "416"},
      {"backwards", "9110 14.1.1", object("Range: bytes=9-0\r\n"), "200"},
      {"another unit", "9110 14.2", object("Range: items=0-9\r\n"), "200"},
      {"nonsense", "9110 14.2", object("Range: bytes=a-b\r\n"), "200"},
      {"two fields", "9110 14.2", object("Range: bytes=0-9\r\nRange: bytes=20-29\r\n"), "200"},
      {"a HEAD", "9110 14.2", message("HEAD", "/v1/objects/a", "Range: bytes=0-9\r\n"), "h200"},
      {"If-Range that matches", "9110 13.1.5", object("Range: bytes=0-9\r\nIf-Range: {etag}\r\n"), "206", goes_on,
       of_206},
      {"If-Range, weakly", "9110 13.1.5", object("Range: bytes=0-9\r\nIf-Range: W/{etag}\r\n"), "200"},
      {"If-Range of another", "9110 13.1.5", object("Range: bytes=0-9\r\nIf-Range: \"x\"\r\n"), "200"},
      {"If-Range with a date", "9110 13.1.5", object("Range: bytes=0-9\r\nIf-Range: {date}\r\n"), "200"},
      {"If-Range without Range", "9110 13.1.5", object("If-Range: \"x\"\r\n"), "200"},
      {"If-None-Match before Range", "9110 13.2.2", object("Range: bytes=0-9\r\nIf-None-Match: {etag}\r\n"), "304"},
      {"If-Match before Range", "9110 13.2.2", object("Range: bytes=0-9\r\nIf-Match: \"x\"\r\n"), "412"},
      {"a range of nothing", "9110 14.2", get("/v1/objects/none", "Range: bytes=0-9\r\n"), "404"},
      {"a range of health", "9110 14.2", get("/healthz", "Range: bytes=0-0\r\n"), "200"},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
