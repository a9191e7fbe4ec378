#include "server/observe/log.h"

#include <gtest/gtest.h>

#include <functional>

namespace sconce::server::observe {
namespace {

/// What it writes, without the time.
std::string written(const std::function<void(Log&)>& use) {
  testing::internal::CaptureStderr();
  Log log;
  use(log);
  const std::string line = testing::internal::GetCapturedStderr();
  return line.substr(std::min(line.find(' '), line.size()));
}

TEST(Log, AnyBytesStayInOneLine) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  for (const auto& line : {written([&](Log& log) { log.info(every); }), written([&](Log& log) { log.error(every); }),
                           written([&](Log& log) { log.failed(every, {.what = every, .path = every}); })}) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    for (const char byte : line.substr(0, line.size() - 1)) {
      EXPECT_TRUE(byte >= 0x20 && byte < 0x7f) << static_cast<int>(byte);
    }
  }
}

TEST(Log, SaysWhatCannotBePrintedByItsNumber) {
  struct Row {
    std::string_view text;
    std::string_view line;
  };
  const Row rows[] = {
      {"a\nb\r\tc", R"(a\nb\r\tc)"},
      {"\x1b[2J\x1b]0;title\x07", R"(\x1b[2J\x1b]0;title\x07)"},
      {"\xc2\x9b"
       "2J \xc2\x85",
       R"(\xc2\x9b2J \xc2\x85)"},
      {"\xff\xc3", R"(\xff\xc3)"},
      {"\"quotes\" 'and' `ticks`", "\"quotes\" 'and' `ticks`"},
      {"{} {0} %s %n %v", "{} {0} %s %n %v"},  // nothing is a pattern
      {"k\xc3\xbc"
       "nftig",
       "k\xc3\xbc"
       "nftig"},
      {std::string_view("a\0b", 3), R"(a\x00b)"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(written([&](Log& log) { log.info(row.text); }), " info " + std::string(row.line) + '\n');
    EXPECT_EQ(written([&](Log& log) { log.error(row.text); }), " error " + std::string(row.line) + '\n');
    const std::string failed = written(
        [&](Log& log) { log.failed(row.text, {.code = core::ErrorCode::corrupt, .what = std::string(row.text)}); });
    EXPECT_EQ(failed, " error " + std::string(row.line) + ": corrupt: " + std::string(row.line) + '\n');
  }
}

}  // namespace
}  // namespace sconce::server::observe
