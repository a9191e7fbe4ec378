// All formats of a case become one another, byte for byte.

#include <gtest/gtest.h>

#include <set>

#include "core/graph/transcode.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::Format;

constexpr Format kFormats[] = {Format::ascii, Format::binary, Format::b32, Format::b64};

/// Its longs need 64 bits. Torch7 wrote the b32 files with the upper half cut off.
constexpr std::string_view kNeedsLongs = "Long_extreme";

std::set<std::string> case_names() {
  std::set<std::string> names;
  for (const GoldenRow& row : golden_rows()) names.insert(row.name);
  return names;
}

core::Result<std::string> transcoded(const GoldenRow& from, Format to, bool referenced) {
  core::TranscodeOptions options{.from = from.format, .to = to, .read = golden_options(from.referenced)};
  options.referenced = referenced;
  std::string out;
  core::StringSink sink(out);
  const std::string file = read_golden(from.file);
  const auto used = core::transcode(bytes_of(file), sink, options);
  if (!used) return std::unexpected(used.error());
  return out;
}

void expect_b32_overflow(const core::Result<std::string>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, core::ErrorCode::unrepresentable);
  EXPECT_NE(result.error().what.find("b32"), std::string::npos) << result.error().what;
}

/// Returns how many conversions were compared.
std::size_t compare_formats(const std::string& name, bool referenced) {
  std::size_t compared = 0;
  for (const Format from : kFormats) {
    for (const Format to : kFormats) {
      const GoldenRow* const source = golden_row(name, from, referenced);
      const GoldenRow* const target = golden_row(name, to, referenced);
      if (source == nullptr || target == nullptr) continue;
      SCOPED_TRACE(source->file + " to " + std::string(name_of(to)));
      if (name == kNeedsLongs && from == Format::b32 && to != Format::b32) continue;  // its values are others
      const auto result = transcoded(*source, to, referenced);
      compared += 1;
      if (name == kNeedsLongs && from != Format::b32 && to == Format::b32) {
        expect_b32_overflow(result);
        continue;
      }
      EXPECT_TRUE(result) << to_string(result.error());
      EXPECT_TRUE(result && *result == read_golden(target->file)) << "the bytes differ";
    }
  }
  return compared;
}

TEST(Transcode, EveryFormatBecomesEveryOther) {
  std::size_t compared = 0;
  for (const std::string& name : case_names()) compared += compare_formats(name, true) + compare_formats(name, false);
  EXPECT_EQ(compared, 5330U);
}

TEST(Transcode, SharedPartsAreWrittenInFullWithoutReferences) {
  std::size_t compared = 0;
  std::size_t cyclic = 0;
  for (const GoldenRow& row : golden_rows()) {
    if (!row.referenced || row.name == kNeedsLongs) continue;
    SCOPED_TRACE(row.file);
    const GoldenRow* const expanded = golden_row(row.name, row.format, false);
    const auto result = transcoded(row, row.format, false);
    if (expanded != nullptr) {
      EXPECT_TRUE(result && *result == read_golden(expanded->file));
      compared += 1;
    } else {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code, core::ErrorCode::unrepresentable);
      EXPECT_TRUE(result.error().path.has_value());
      cyclic += 1;
    }
  }
  EXPECT_GT(compared, 600U);
  EXPECT_GT(cyclic, 0U);
}

TEST(Transcode, ALongThatB32CannotHoldIsNamed) {
  const auto result = transcoded(*golden_row("Long_extreme", Format::binary, true), Format::b32, true);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what,
            "b32 has 4-byte longs and cannot hold -9223372036854775808; write it as b64, binary or ascii");
  EXPECT_EQ(result.error().path, "");
}

}  // namespace
}  // namespace sconce::tests
