// Where a body ends: what two readers could see in two places is refused, and the connection ends.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

// What would be answered if the server took it for the next request.
const std::string kNext = get("/healthz");
const std::string kChunks = "6\r\n" + kNumber + "\r\n0\r\n\r\n";

TEST_F(HttpRows, LengthsStandOnceAndAreNumbers) {
  const Row rows[] = {
      {"a length", "9110 8.6", put("Content-Length: 6\r\n", kNumber), "200"},
      {"a length with zeros", "9110 8.6", put("Content-Length: 0006\r\n", kNumber), "200"},
      {"a length within blanks", "9112 5", put("Content-Length: \t 6 \t\r\n", kNumber), "200"},
      {"no length is no body", "9112 6.3", message("POST", "/v1/admin/compact") + kNext, "204 200"},
      {"a length of 0", "9112 6.3", message("POST", "/v1/admin/compact", "Content-Length: 0\r\n"), "204"},
      {"a length on a GET", "9110 9.3.1", get("/healthz", "Content-Length: 5\r\n") + "12345" + kNext, "200 200"},
      {"lengths that differ", "9112 6.3", put("Content-Length: 6\r\nContent-Length: 7\r\n", kNumber), "400", ends},
      {"lengths that are equal", "9112 6.3", put("Content-Length: 6\r\nContent-Length: 6\r\n", kNumber), "400", ends},
      {"a list of equal lengths", "9112 6.3", put("Content-Length: 6, 6\r\n", kNumber), "400", ends},
      {"a list of lengths", "9112 6.3", put("Content-Length: 6, 7\r\n", kNumber), "400", ends},
      {"a list that ends empty", "9112 6.3", put("Content-Length: 6,\r\n", kNumber), "400", ends},
      {"a list that begins empty", "9112 6.3", put("Content-Length: ,6\r\n", kNumber), "400", ends},
      {"a plus", "9110 8.6", put("Content-Length: +6\r\n", kNumber), "400", ends},
      {"a minus", "9110 8.6", put("Content-Length: -6\r\n", kNumber), "400", ends},
      {"hexadecimal", "9110 8.6", put("Content-Length: 0x6\r\n", kNumber), "400", ends},
      {"a fraction", "9110 8.6", put("Content-Length: 6.0\r\n", kNumber), "400", ends},
      {"an exponent", "9110 8.6", put("Content-Length: 6e0\r\n", kNumber), "400", ends},
      {"two numbers", "9110 8.6", put("Content-Length: 6 6\r\n", kNumber), "400", ends},
      {"in quotes", "9110 8.6", put("Content-Length: \"6\"\r\n", kNumber), "400", ends},
      {"nothing", "9110 8.6", put("Content-Length:\r\n", kNumber), "400", ends},
      {"a word", "9110 8.6", put("Content-Length: six\r\n", kNumber), "400", ends},
      {"a parameter", "9110 8.6", put("Content-Length: 6;a=b\r\n", kNumber), "400", ends},
      {"2^64 and more", "9112 6.3", put("Content-Length: 18446744073709551622\r\n", kNumber), "400", ends},
      {"2^64 - 1", "9110 15.5.14", put("Content-Length: 18446744073709551615\r\n", kNumber), "413", ends},
      {"a body that comes short", "9110 15.5.9", put("Content-Length: 7\r\n", kNumber), "408", ends},
  };
  check(rows);
}

TEST_F(HttpRows, LengthAndCodingExcludeEachOther) {
  const Row rows[] = {
      {"length, then chunked", "9112 6.3", put("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", kChunks), "400",
       ends},
      {"chunked, then length", "9112 6.3", put("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", kChunks), "400",
       ends},
      {"a length of 0, then chunked", "9112 6.3",
       put("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", kChunks + kNext), "400", ends},
      {"gzip, then length", "9112 6.3", put("Transfer-Encoding: gzip\r\nContent-Length: 6\r\n", kNumber), "400", ends},
      {"length, then gzip, chunked", "9112 6.3",
       put("Content-Length: 6\r\nTransfer-Encoding: gzip, chunked\r\n", kNumber), "400", ends},
      {"gzip, chunked, then length", "9112 6.3",
       put("Transfer-Encoding: gzip, chunked\r\nContent-Length: 6\r\n", kNumber), "400", ends},
      {"names in other cases", "9112 6.3", put("content-LENGTH: 6\r\ntransfer-ENCODING: chunked\r\n", kChunks), "400",
       ends},
      {"on a GET", "9112 6.3", get("/healthz", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + kChunks, "400",
       ends},
  };
  check(rows);
}

TEST_F(HttpRows, ChunkedIsTheLastCodingAndStandsOnce) {
  const auto coded = [](const std::string& value) {
    return put("Transfer-Encoding: " + value + "\r\n", kChunks + kNext);
  };
  const Row rows[] = {
      {"chunked", "9112 7.1", coded("chunked"), "200 200"},
      {"in capitals", "9112 7", coded("CHUNKED"), "200 200"},
      {"within blanks", "9112 5", coded("\t chunked \t"), "200 200"},
      {"on a GET", "9110 9.3.1", get("/healthz", "Transfer-Encoding: chunked\r\n") + kChunks + kNext, "200 200"},
      {"identity", "9112 6.3", coded("identity"), "400", ends},
      {"gzip", "9112 6.3", coded("gzip"), "400", ends},
      {"gzip before chunked", "9112 6.1", coded("gzip, chunked"), "501", ends},
      {"an unknown one before chunked", "9112 6.1", coded("x-new;q=1, chunked"), "501", ends},
      {"gzip and chunked in two lines", "9110 5.3", coded("gzip\r\nTransfer-Encoding: chunked"), "501", ends},
      {"deflate and chunked in two lines", "9110 5.3", coded("deflate\r\nTransfer-Encoding: chunked"), "501", ends},
      {"three lines", "9110 5.3", coded("gzip\r\nX-A: b\r\nTransfer-Encoding: deflate\r\nTransfer-Encoding: Chunked"),
       "501", ends},
      {"chunked and gzip in two lines", "9112 6.3", coded("chunked\r\nTransfer-Encoding: gzip"), "400", ends},
      {"chunked between two lines", "9112 6.1",
       coded("gzip\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), "400", ends},
      {"an empty line of it, then chunked", "9112 6.3", coded("\r\nTransfer-Encoding: chunked"), "400", ends},
      {"chunked before gzip", "9112 6.3", coded("chunked, gzip"), "400", ends},
      {"chunked before identity", "9112 6.3", coded("chunked, identity"), "400", ends},
      {"chunked twice", "9112 6.1", coded("chunked, chunked"), "400", ends},
      {"chunked twice, gzip between", "9112 6.1", coded("chunked, gzip, chunked"), "400", ends},
      {"chunked in two lines", "9112 6.1", coded("chunked\r\nTransfer-Encoding: chunked"), "400", ends},
      {"chunked, then an empty line of it", "9112 6.3", coded("chunked\r\nTransfer-Encoding:"), "400", ends},
      {"chunked, then identity", "9112 6.3", coded("chunked\r\nTransfer-Encoding: identity"), "400", ends},
      {"identity, then chunked", "9112 6.3", coded("identity\r\nTransfer-Encoding: chunked"), "501", ends},
      {"nothing", "9112 6.3", coded(""), "400", ends},
      {"a comma before", "9112 6.3", coded(", chunked"), "400", ends},
      {"a comma behind", "9112 6.3", coded("chunked,"), "400", ends},
      {"nothing behind a comma", "9112 6.3", coded("gzip,"), "400", ends},
      {"blanks behind a comma", "9112 6.3", coded("gzip, \t,"), "400", ends},
      {"a parameter", "9112 7.1", coded("chunked;a=b"), "400", ends},
      {"a longer name", "9112 6.3", coded("xchunked"), "400", ends},
      {"in quotes", "9112 6.3", coded("\"chunked\""), "400", ends},
      {"with a vertical tab", "9110 5.5", coded("\vchunked"), "400", ends},
      {"with a NUL", "9110 5.5", coded(std::string("chunked\0", 8)), "400", ends},
      {"folded", "9112 5.2", coded("\r\n chunked"), "400", ends},
      {"in HTTP/1.0", "9112 6.1",
       "PUT /v1/objects/w HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + kChunks + kNext, "400",
       ends},
      {"in HTTP/1.0 that would go on", "9112 6.1",
       "PUT /v1/objects/w HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + kChunks + kNext,
       "400", ends},
      {"under another name", "9112 6.3", put("Transfer_Encoding: chunked\r\nContent-Length: 6\r\n", kNumber), "200"},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
