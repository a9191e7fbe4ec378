// Host, and the forms of the target.

#include "tests/http/rows.h"

namespace sconce::tests {
namespace {

using enum Then;

std::string hosted(const std::string& lines) { return "GET /healthz HTTP/1.1\r\n" + lines + "\r\n"; }

TEST_F(HttpRows, Host) {
  const Row rows[] = {
      {"a name", "9112 3.2", hosted("Host: localhost\r\n"), "200"},
      {"a name and a port", "9112 3.2", hosted("Host: localhost:7077\r\n"), "200"},
      {"an empty port", "9110 7.2", hosted("Host: localhost:\r\n"), "200"},
      {"an address", "9110 7.2", hosted("Host: 127.0.0.1:7077\r\n"), "200"},
      {"an IPv6 address", "9110 7.2", hosted("Host: [::1]:7077\r\n"), "200"},
      {"a name below localhost", "6761 6.3", hosted("Host: store.localhost:7077\r\n"), "200"},
      {"another's name", "9110 7.4", hosted("Host: elsewhere\r\n"), "421"},
      {"another's name, in HTTP/1.0", "9110 7.4", "GET /healthz HTTP/1.0\r\nHost: elsewhere\r\n\r\n", "421", ends},
      {"empty", "9110 4.2.1", hosted("Host:\r\n"), "400", ends},
      {"blanks", "9110 4.2.1", hosted("Host: \t \r\n"), "400", ends},
      {"a port alone", "9110 4.2.1", hosted("Host: :7077\r\n"), "400", ends},
      {"empty, in HTTP/1.0", "9110 4.2.1", "GET /healthz HTTP/1.0\r\nHost:\r\n\r\n", "400", ends},
      {"none", "9112 3.2", hosted(""), "400", ends},
      {"none, in HTTP/1.0", "9112 3.2", "GET /healthz HTTP/1.0\r\n\r\n", "200", ends},
      {"two", "9112 3.2", hosted("Host: a\r\nHost: b\r\n"), "400", ends},
      {"two that are equal", "9112 3.2", hosted("Host: a\r\nHost: a\r\n"), "400", ends},
      {"two, in HTTP/1.0", "9112 3.2", "GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "400", ends},
      {"a blank within", "9112 3.2", hosted("Host: a b\r\n"), "400", ends},
      {"a path behind", "9112 3.2", hosted("Host: a/b\r\n"), "400", ends},
      {"a user before", "9112 3.2", hosted("Host: u@a\r\n"), "400", ends},
      {"a port that is no number", "9112 3.2", hosted("Host: a:b\r\n"), "400", ends},
      {"two ports", "9112 3.2", hosted("Host: a:1:2\r\n"), "400", ends},
      {"a scheme before", "9112 3.2", hosted("Host: http://a\r\n"), "400", ends},
      {"a bracket that stays open", "9112 3.2", hosted("Host: [::1\r\n"), "400", ends},
      {"brackets around nothing", "9112 3.2", hosted("Host: []\r\n"), "400", ends},
      {"something behind the brackets", "9112 3.2", hosted("Host: [::1]a\r\n"), "400", ends},
      {"beyond ASCII", "9112 3.2", hosted("Host: \xc3\xa4\r\n"), "400", ends},
      {"a bad one beside an absolute target", "9112 3.2.2", "GET http://a/healthz HTTP/1.1\r\nHost: a b\r\n\r\n", "400",
       ends},
      {"none beside an absolute target", "9112 3.2", "GET http://a/healthz HTTP/1.1\r\n\r\n", "400", ends},
  };
  check(rows);
}

TEST_F(HttpRows, FormsOfTheTarget) {
  const Row rows[] = {
      {"origin form with a query", "9112 3.2.1", get("/v1/objects?limit=1"), "200"},
      {"an empty query", "9112 3.2.1", get("/v1/objects?"), "200"},
      {"absolute form", "9112 3.2.2", get("http://localhost/healthz"), "200"},
      {"absolute form of another host", "9110 7.4", get("http://elsewhere:80/healthz"), "421"},
      {"absolute form beside another Host", "9112 3.2.2",
       "GET http://localhost/healthz HTTP/1.1\r\nHost: elsewhere\r\n\r\n", "200"},
      {"a scheme in capitals", "9110 4.2.3", get("HTTP://localhost/healthz"), "200"},
      {"absolute form with an IPv6 address", "9112 3.2.2", get("http://[::1]:7077/healthz"), "200"},
      {"absolute form without a path", "9112 3.2.2", get("http://localhost"), "404"},
      {"absolute form, a query and no path", "9112 3.2.2", get("http://localhost?x=/healthz"), "404"},
      {"absolute form without a host", "9110 4.2.1", get("http:///healthz"), "400", ends},
      {"absolute form with a port alone", "9110 4.2.1", get("http://:80/healthz"), "400", ends},
      {"absolute form with a user", "9110 4.2.4", get("http://u:p@localhost/healthz"), "400", ends},
      {"https", "9110 7.4", get("https://localhost/healthz"), "421", ends},
      {"another scheme", "9110 7.4", get("ftp://localhost/healthz"), "400", ends},
      {"a scheme and no slashes", "9112 3.2", get("http:/healthz"), "400", ends},
      {"authority form", "9112 3.2.3", get("localhost:80"), "400", ends},
      {"a name alone", "9112 3.2", get("healthz"), "400", ends},
      {"asterisk form of a GET", "9112 3.2.4", get("*"), "400", ends},
      {"two slashes", "9112 3.2.1", get("//healthz"), "404"},
      {"dots", "3986 5.2.4", get("/v1/../healthz"), "404"},
  };
  check(rows);
}

TEST_F(HttpRows, BytesOfTheTarget) {
  const Row rows[] = {
      {"a fragment", "9112 3.2", get("/healthz#a"), "400", ends},
      {"a fragment in absolute form", "9112 3.2", get("http://localhost/healthz#a"), "400", ends},
      {"an encoded fragment mark", "3986 2.1", get("/v1/objects/a%23b"), "404"},
      {"beyond ASCII", "9112 3.2", get("/v1/objects/\xc3\xa4"), "400", ends},
      {"encoded beyond ASCII", "3986 2.5", get("/v1/objects/%C3%A4"), "404"},
      {"a quote", "9112 3.2", get("/v1/objects/\""), "400", ends},
      {"an angle", "9112 3.2", get("/v1/objects/<a>"), "400", ends},
      {"a backslash", "9112 3.2", get("/v1\\objects"), "400", ends},
      {"a brace", "9112 3.2", get("/v1/objects/{a}"), "400", ends},
      {"a NUL", "9112 3.2", get("/healthz" + std::string(1, '\0')), "400", ends},
      {"a DEL", "9112 3.2", get("/healthz\x7f"), "400", ends},
      {"brackets in a query", "3986 3.4", get("/v1/objects/a?path=modules[1].weight"), "200"},
      {"an encoded letter", "3986 6.2.2.2", get("/v1/objects/%61"), "200"},
      {"digits in either case", "3986 2.1", get("/v1/objects/%C3%a4"), "404"},
      {"an encoded NUL", "3986 7.3", get("/v1/objects/a%00"), "400"},
      {"an encoded CR LF", "3986 7.3", get("/v1/objects/a%0d%0aX-A:b"), "400", goes_on, {"!X-A"}},
      {"encoded dots", "3986 7.3", get("/v1/objects/%2e%2e/healthz"), "400"},
      {"dots behind an encoded slash", "3986 7.3", get("/v1/objects/a%2F..%2Fb"), "400"},
      {"encoded twice stays encoded once", "3986 2.4", get("/v1/objects/%2561"), "404"},
      {"a % and no digits", "3986 2.1", get("/v1/objects/a%"), "400"},
      {"a % and one digit", "3986 2.1", get("/v1/objects/a%6"), "400"},
      {"a % and no hexadecimal digits", "3986 2.1", get("/v1/objects/a%zz"), "400"},
      {"an encoding that is no UTF-8", "3986 2.5", get("/v1/objects/%ff"), "400"},
      {"an overlong encoding of a slash", "3629 3", get("/v1/objects/%c0%af"), "400"},
      {"a % and no digits in the query", "3986 2.1", get("/v1/objects?prefix=%"), "400"},
      {"an encoded path of a route", "3986 2.4", get("/%68ealthz"), "404"},
  };
  check(rows);
}

}  // namespace
}  // namespace sconce::tests
