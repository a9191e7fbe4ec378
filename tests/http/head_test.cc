// The bytes of a head: line ends, folding, names and values of fields, control bytes.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

const std::string kNul(1, '\0');

std::string with(const std::string& lines) { return get("/healthz", lines); }

TEST_F(HttpRows, LineEnds) {
  const std::string host = "Host: localhost";
  const Row rows[] = {
      {"CR LF", "9112 2.2", "GET /healthz HTTP/1.1\r\n" + host + "\r\n\r\n", "200"},
      {"LF alone everywhere", "9112 2.2", "GET /healthz HTTP/1.1\n" + host + "\n\n", "400", ends},
      {"LF behind the request line", "9112 2.2", "GET /healthz HTTP/1.1\n" + host + "\r\n\r\n", "400", ends},
      {"LF behind a field", "9112 2.2", "GET /healthz HTTP/1.1\r\n" + host + "\nX-A: b\r\n\r\n", "400", ends},
      {"LF as the last line", "9112 2.2", "GET /healthz HTTP/1.1\r\n" + host + "\r\n\n", "400", ends},
      {"CR alone everywhere", "9112 2.2", "GET /healthz HTTP/1.1\r" + host + "\r\r", "400", ends},
      {"CR behind the request line", "9112 2.2", "GET /healthz HTTP/1.1\r" + host + "\r\n\r\n", "400", ends},
      {"CR behind a field", "9112 2.2", "GET /healthz HTTP/1.1\r\n" + host + "\rX-A: b\r\n\r\n", "400", ends},
      {"CR in a value", "9112 2.2", with("X-A: a\rb\r\n"), "400", ends},
      {"CR CR LF", "9112 2.2", with("X-A: a\r\r\n"), "400", ends},
      {"CR in the target", "9112 2.2", "GET /heal\rthz HTTP/1.1\r\n" + host + "\r\n\r\n", "400", ends},
      {"CR before the last line", "9112 2.2", "GET /healthz HTTP/1.1\r\n" + host + "\r\n\r\r\n", "400", ends},
      {"an empty line before", "9112 2.2", "\r\n" + with(""), "200"},
      {"empty lines between", "9112 2.2", with("") + "\r\n\r\n\r\n" + with(""), "200 200"},
      {"an empty line of LF before", "9112 2.2", "\n" + with(""), "400", ends},
      {"a blank before", "9112 2.2", " " + with(""), "400", ends},
      {"a blank line before the fields", "9112 2.2", "GET /healthz HTTP/1.1\r\n X-A: b\r\n" + host + "\r\n\r\n", "400",
       ends},
      {"a tab before the fields", "9112 2.2", "GET /healthz HTTP/1.1\r\n\tX-A: b\r\n" + host + "\r\n\r\n", "400", ends},
      {"a head that does not end", "9112 8", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A:" + kNul, "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, FoldedLines) {
  const Row rows[] = {
      {"with a blank", "9112 5.2", with("X-A: a\r\n b\r\n"), "400", ends},
      {"with a tab", "9112 5.2", with("X-A: a\r\n\tb\r\n"), "400", ends},
      {"behind nothing", "9112 5.2", with("X-A:\r\n b\r\n"), "400", ends},
      {"into nothing", "9112 5.2", with("X-A: a\r\n \r\n"), "400", ends},
      {"a folded length", "9112 5.2", put("Content-Length:\r\n 6\r\n", kNumber), "400", ends},
      {"a folded Host", "9112 5.2", "GET /healthz HTTP/1.1\r\nHost:\r\n localhost\r\n\r\n", "400", ends},
      {"a field behind a fold", "9112 5.2", with("X-A: a\r\n Content-Length: 6\r\n"), "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, NamesOfFields) {
  const Row rows[] = {
      {"all bytes of a token", "9110 5.6.2", with("!#$%&'*+-.^_`|~09azAZ: b\r\n"), "200"},
      {"no blank behind the colon", "9112 5", with("X-A:b\r\n"), "200"},
      {"a blank before the colon", "9112 5.1", with("X-A : b\r\n"), "400", ends},
      {"a tab before the colon", "9112 5.1", with("X-A\t: b\r\n"), "400", ends},
      {"a length with a blank", "9112 5.1", put("Content-Length : 6\r\n", kNumber), "400", ends},
      {"a coding with a blank", "9112 5.1", put("Transfer-Encoding : chunked\r\n", kNumber), "400", ends},
      {"no name", "9110 5.1", with(": b\r\n"), "400", ends},
      {"no colon", "9112 5", with("X-A\r\n"), "400", ends},
      {"a blank in it", "9110 5.1", with("X A: b\r\n"), "400", ends},
      {"a parenthesis", "9110 5.1", with("X(A): b\r\n"), "400", ends},
      {"a slash", "9110 5.1", with("X/A: b\r\n"), "400", ends},
      {"a quote", "9110 5.1", with("\"X\": b\r\n"), "400", ends},
      {"a bracket", "9110 5.1", with("X[A]: b\r\n"), "400", ends},
      {"a comma", "9110 5.1", with("X,A: b\r\n"), "400", ends},
      {"an at", "9110 5.1", with("X@A: b\r\n"), "400", ends},
      {"beyond ASCII", "9110 5.1", with("X\xc3\xa4: b\r\n"), "400", ends},
      {"a NUL", "9110 5.1", with("X" + kNul + "A: b\r\n"), "400", ends},
      {"a DEL", "9110 5.1", with("X\x7f: b\r\n"), "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, ValuesOfFields) {
  const Row rows[] = {
      {"nothing", "9110 5.5", with("X-A:\r\n"), "200"},
      {"blanks", "9110 5.5", with("X-A: \t \r\n"), "200"},
      {"a tab within", "9110 5.5", with("X-A: a\tb\r\n"), "200"},
      {"beyond ASCII", "9110 5.5", with("X-A: \xc3\xa4\xff\r\n"), "200"},
      {"a NUL", "9110 5.5", with("X-A: a" + kNul + "b\r\n"), "400", ends},
      {"a bell", "9110 5.5", with("X-A: a\ab\r\n"), "400", ends},
      {"a vertical tab", "9110 5.5", with("X-A: a\vb\r\n"), "400", ends},
      {"a form feed", "9110 5.5", with("X-A: a\fb\r\n"), "400", ends},
      {"an escape", "9110 5.5", with("X-A: a\x1b[1m\r\n"), "400", ends},
      {"a DEL", "9110 5.5", with("X-A: a\x7f\r\n"), "400", ends},
      {"a Connection that is no list", "9110 7.6.1", with("Connection: a b\r\n"), "400", ends},
  };
  check(rows);
}

/// What is already wrong is refused, though nothing comes behind it.
TEST_F(HttpRows, BadLinesAreNotWaitedFor) {
  const std::string line = "GET /healthz HTTP/1.1\r\n";
  const Row rows[] = {
      {"a method that is no token", "9112 3.1", "G@T", "400", ends},
      {"a method beyond ASCII", "9112 3.1", "\xc3\xa4", "400", ends},
      {"no method", "9112 3.1", " ", "400", ends},
      {"a quote", "9112 3.1", "{\"a\":1}", "400", ends},
      {"no target", "9112 3", "GET HTTP/1.1\r\n", "400", ends},
      {"two blanks before the target", "9112 3", "GET  /healthz HTTP/1.1\r\n", "400", ends},
      {"a blank in the target", "9112 3", "GET /heal thz HTTP/1.1\r\n", "400", ends},
      {"a byte that must be encoded", "9112 3.2", "GET /{a} HTTP/1.1\r\n", "400", ends},
      {"no version", "9112 3", "GET /healthz\r\n", "400", ends},
      {"a version that is none", "9112 2.3", "GET /healthz HTTP/x.y\r\n", "400", ends},
      {"another version", "9110 15.6.6", "GET /healthz HTTP/2.0\r\n", "505", ends},
      {"a CR alone", "9112 2.2", line + "Host\rx", "400", ends},
      {"a LF alone", "9112 2.2", line + "Host: localhost\n", "400", ends},
      {"a name with a blank in it", "9110 5.1", line + "X A: b\r\n", "400", ends},
      {"a blank before the colon", "9112 5.1", line + "Host : localhost\r\n", "400", ends},
      {"no name", "9110 5.1", line + ": b\r\n", "400", ends},
      {"no colon", "9112 5", line + "X-A\r\n", "400", ends},
      {"a name beyond ASCII", "9110 5.1", line + "X\xc3\xa4: b\r\n", "400", ends},
      {"a folded line", "9112 5.2", line + "X-A: b\r\n c\r\n", "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, WhatIsNoHead) {
  const Row rows[] = {
      {"nonsense", "9112 3", "nonsense\r\n\r\n", "400", ends},
      {"a hello of TLS", "9112 3", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), "400", ends},
      {"NULs", "9112 3", std::string(100, '\0'), "400", ends},
      {"an answer", "9112 3", "HTTP/1.1 200 OK\r\n\r\n", "400", ends},
      {"a tab in the request line", "9112 3", "GET\t/healthz\tHTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"two blanks before the target", "9112 3", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"two blanks before the version", "9112 3", "GET /healthz  HTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"a blank behind the version", "9112 3", "GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n", "400", ends},
      {"a blank in the target", "9112 3", "GET /heal thz HTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"no target", "9112 3", "GET HTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"no method", "9112 3", " /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"a method that is no token", "9112 3.1", "G@T /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "400", ends},
      {"HTTP/0.9", "9112 3", "GET /healthz\r\n", "400", ends},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
