// Chunks, their extensions, trailers, and the limits of each.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

std::string chunked(const std::string& body) { return put("Transfer-Encoding: chunked\r\n", body); }

const std::string kEnd = "0\r\n\r\n";

TEST_F(HttpRows, Chunks) {
  const Row rows[] = {
      {"one", "9112 7.1", chunked("6\r\n" + kNumber + "\r\n" + kEnd), "200"},
      {"two", "9112 7.1", chunked("2\r\n1\n\r\n4\r\n3.5\n\r\n" + kEnd), "200"},
      {"zeros before the size", "9112 7.1", chunked("00000000006\r\n" + kNumber + "\r\n000\r\n\r\n"), "200"},
      {"a size in capitals", "9112 7.1", chunked("A\r\n" + std::string("1\n3.500000") + "\r\n1\r\n\n\r\n" + kEnd),
       "200"},
      {"none", "9112 7.1", chunked(kEnd), "400", goes_on},
      {"no size", "9112 7.1", chunked("\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a size with a sign", "9112 7.1", chunked("+6\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a size below 0", "9112 7.1", chunked("-6\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a size with 0x", "9112 7.1", chunked("0x6\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a size that is no number", "9112 7.1", chunked("g\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a blank before the size", "9112 7.1", chunked(" 6\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a blank behind the size", "9112 7.1", chunked("6 \r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a size of 2^64", "9112 7.1", chunked("10000000000000000\r\n" + kNumber), "400", ends},
      {"a size of 2^64 and 6", "9112 7.1", chunked("10000000000000006\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a size of 2^64 - 1", "9110 15.5.14", chunked("ffffffffffffffff\r\n" + kNumber), "413", ends},
      {"a size beyond the limit", "9110 15.5.14", chunked("1e8481\r\n" + kNumber), "413", ends},
      {"more data than the size", "9112 7.1", chunked("5\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"less data than the size", "9112 7.1", chunked("7\r\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a LF behind the size", "9112 2.2", chunked("6\n" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a CR behind the size", "9112 2.2", chunked("6\r" + kNumber + "\r\n" + kEnd), "400", ends},
      {"a LF behind the data", "9112 2.2", chunked("6\r\n" + kNumber + "\n" + kEnd), "400", ends},
      {"no line end behind the data", "9112 7.1", chunked("6\r\n" + kNumber + kEnd), "400", ends},
      {"an end that does not come", "9110 15.5.9", chunked("6\r\n" + kNumber + "\r\n"), "408", ends},
      {"a last chunk without its empty line", "9110 15.5.9", chunked("6\r\n" + kNumber + "\r\n0\r\n"), "408", ends},
  };
  check(rows);
}

/// What is already wrong is refused, though nothing comes behind it.
TEST_F(HttpRows, BadChunksAreNotWaitedFor) {
  const std::string one = "6\r\n" + kNumber + "\r\n";
  const Row rows[] = {
      {"a size that is no number", "9112 7.1", chunked("g"), "400", ends},
      {"a size of 2^64", "9112 7.1", chunked("10000000000000000"), "400", ends},
      {"a LF behind the size", "9112 2.2", chunked("6\n"), "400", ends},
      {"a CR behind the size", "9112 2.2", chunked("6\rx"), "400", ends},
      {"a size beyond the limit", "9110 15.5.14", chunked("1e8481\r\n"), "413", ends},
      {"a quote that is open", "9112 7.1.1", chunked("5;a=\"b\r\n"), "400", ends},
      {"a quote that is open, on the last chunk", "9112 7.1.1", chunked(one + "0;a=\"b\r\n"), "400", ends},
      {"a quote that is open behind an escape", "9112 7.1.1", chunked("5;a=\"b\\\r\n"), "400", ends},
      {"an extension without a name", "9112 7.1.1", chunked("5;\r\n"), "400", ends},
      {"more data than the size", "9112 7.1", chunked("5\r\n" + kNumber), "400", ends},
      {"a LF behind the data", "9112 2.2", chunked("6\r\n" + kNumber + "\n"), "400", ends},
      {"a CR alone behind the data", "9112 2.2", chunked("6\r\n" + kNumber + "\r0"), "400", ends},
      {"a LF as the last line", "9112 2.2", chunked(one + "0\r\n\n"), "400", ends},
      {"a LF behind the last size", "9112 2.2", chunked(one + "0\n"), "400", ends},
      {"a CR alone as the last line", "9112 2.2", chunked(one + "0\r\n\rx"), "400", ends},
      {"a trailer without a name", "9112 7.1.2", chunked(one + "0\r\n: b\r\n"), "400", ends},
      {"a trailer without a colon", "9112 7.1.2", chunked(one + "0\r\nX-A\r\n"), "400", ends},
      {"a trailer with a blank before the colon", "9112 5.1", chunked(one + "0\r\nX-A : b\r\n"), "400", ends},
      {"a trailer that ends with a LF", "9112 2.2", chunked(one + "0\r\nX-A: b\n"), "400", ends},
      {"a trailer with a NUL", "9110 5.5", chunked(one + "0\r\nX-A: " + std::string(1, '\0')), "400", ends},
      {"a trailer that is folded", "9112 5.2", chunked(one + "0\r\nX-A: b\r\n c\r\n"), "400", ends},
      {"a trailer that would be a length", "9110 6.5.1", chunked(one + "0\r\nContent-Length: 6\r\n"), "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, ExtensionsOfChunks) {
  const auto extended = [](const std::string& extension) {
    return chunked("6" + extension + "\r\n" + kNumber + "\r\n" + kEnd);
  };
  const std::string one_byte = "1;" + std::string(10'000, 'x') + "\r\n";
  const Row rows[] = {
      {"a name", "9112 7.1.1", extended(";a"), "200"},
      {"a name and a value", "9112 7.1.1", extended(";a=b"), "200"},
      {"a value in quotes", "9112 7.1.1", extended(";a=\"b; c\\\" d\""), "200"},
      {"several, with blanks", "9112 7.1.1", extended(" ; a = b ; c"), "200"},
      {"on the last chunk", "9112 7.1.1", chunked("6\r\n" + kNumber + "\r\n0;a=b\r\n\r\n"), "200"},
      {"no name", "9112 7.1.1", extended(";"), "400", ends},
      {"no value", "9112 7.1.1", extended(";a="), "400", ends},
      {"no semicolon", "9112 7.1.1", extended(" a"), "400", ends},
      {"a LF in it", "9112 2.2", extended(";a\n"), "400", ends},
      {"a LF in quotes", "9112 7.1.1", extended(";a=\"\n\""), "400", ends},
      {"a NUL in quotes", "9112 7.1.1", extended(";a=\"" + std::string(1, '\0') + "\""), "400", ends},
      {"a LF in quotes, on the last chunk", "9112 7.1.1", chunked("6\r\n" + kNumber + "\r\n0;a=\"\n\"\r\n\r\n"), "400",
       ends},
      {"a long one", "9112 7.1.1", extended(";" + std::string(10'000, 'x')), "200"},
      {"more of them than data", "9112 7.1.1", chunked(one_byte + "1\r\n" + one_byte + "\n\r\n" + kEnd), "400", ends},
      {"one without an end", "9112 7.1.1", extended(";" + std::string(1'000'000, 'x')), "431", ends},
  };
  check(rows);
}

TEST_F(HttpRows, Trailers) {
  const auto trailed = [](const std::string& trailer) {
    return chunked("6\r\n" + kNumber + "\r\n0\r\n" + trailer + "\r\n");
  };
  const Row rows[] = {
      {"one", "9112 7.1.2", trailed("X-A: b\r\n"), "200"},
      {"several", "9112 7.1.2", trailed("X-A: b\r\nX-A: c\r\nX-B:\r\n"), "200"},
      {"one that would be a condition", "9110 6.5.1", trailed("If-None-Match: *\r\n"), "200"},
      {"one that would end the connection", "9110 6.5.1", trailed("Connection: close\r\n"), "200"},
      {"one that would be the Host", "9110 6.5.1", trailed("Host: a b\r\n"), "200"},
      {"one that would be a length", "9110 6.5.1", trailed("Content-Length: 6\r\n"), "400", ends},
      {"one that would be a coding", "9110 6.5.1", trailed("Transfer-Encoding: chunked\r\n"), "400", ends},
      {"a blank before the colon", "9112 5.1", trailed("X-A : b\r\n"), "400", ends},
      {"no name", "9110 5.1", trailed(": b\r\n"), "400", ends},
      {"no colon", "9112 5", trailed("X-A\r\n"), "400", ends},
      {"a NUL", "9110 5.5", trailed("X-A: " + std::string(1, '\0') + "\r\n"), "400", ends},
      {"a LF alone", "9112 2.2", trailed("X-A: b\nX-B: c\r\n"), "400", ends},
      {"8 KiB", "9112 7.1.2", trailed("X-A: " + std::string(8192, 'x') + "\r\n"), "200"},
      {"the longest", "9112 7.1.2", trailed("X-A: " + std::string(65'522, 'x') + "\r\n"), "200"},
      {"one byte too long", "6585 5", trailed("X-A: " + std::string(65'523, 'x') + "\r\n"), "431", ends},
      {"a value of more than 64 KiB", "6585 5", trailed("X-A: " + std::string(70'000, 'x') + "\r\n"), "431", ends},
      {"a name of more than 64 KiB", "6585 5", trailed(std::string(70'000, 'X') + ": a\r\n"), "431", ends},
      {"a request behind them", "9112 9.3.2", trailed("X-A: b\r\n") + get("/nothing"), "200 404"},
      {"too many", "6585 5", trailed("X-A: " + std::string(200'000, 'x') + "\r\n"), "431", ends},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
