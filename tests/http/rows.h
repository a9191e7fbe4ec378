#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {

/// What becomes of the connection behind the last answer.
enum class Then { goes_on, ends };

/// Bytes on a connection of their own, and what comes back.
struct Row {
  std::string_view name;
  std::string_view section;  // of the RFC: `9112 6.3`
  std::string send;          // `{etag}` and `{date}` stand for those of the object `a`
  std::string statuses;      // `200 404` in this order; `h200` answers a HEAD, so no body comes
  Then then = Then::goes_on;
  std::vector<std::string> fields = {};  // of the last answer: `Name: value`, `Name` (is there), `!Name` (is not)
};

inline const std::string kNumber = "1\n3.5\n";  // an object, 6 bytes in ascii

/// A request with Host; `fields` are lines, each with its CRLF.
std::string message(const std::string& method, const std::string& target, const std::string& fields = {},
                    const std::string& body = {});
std::string get(const std::string& target, const std::string& fields = {});
/// A PUT of the object `w` that has a length of its own only if `fields` say it.
std::string put(const std::string& fields, const std::string& body = {});

/// One server for all rows of a table. The objects `a` (from the golden files) and `w` are there.
class HttpRows : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  /// Each row twice: sent at once, and, unless it is long, byte by byte.
  static void check(std::span<const Row> rows);
  static std::uint16_t port();
};

}  // namespace sconce::tests
