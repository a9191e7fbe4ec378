#include "proto/formats/json/outline_rows.h"

#include <gtest/gtest.h>

#include "core/outline/part_finder.h"
#include "proto/formats/json/outline_json.h"
#include "tests/support/golden.h"

namespace sconce::proto {
namespace {

using core::OutlinePart;

/// What a row tells of a part.
OutlinePart told(OutlinePart part) {
  part.parent = 0;
  part.key = {};
  part.indices_before = 0;
  if (part.kind == core::PartKind::instance) part.count = 0;
  if (part.kind == core::PartKind::storage) part.storage.reset();
  if (part.storage) part.storage->offset_bytes = 0;
  return part;
}

class OutlineRows : public testing::TestWithParam<std::string> {};

TEST_P(OutlineRows, SayWhatTheOutlineSays) {
  const std::string bytes = tests::read_golden(GetParam() + ".binary.ref.t7");
  core::MemorySource source(tests::bytes_of(bytes));
  core::Budget budget;
  const auto outline = core::scan_outline(source, tests::golden_classes(), budget);
  ASSERT_TRUE(outline);
  const auto json = outline_json({&*outline, 0}, {});
  ASSERT_TRUE(json);
  const auto rows = outline_rows(*json);
  ASSERT_TRUE(rows) << to_string(rows.error());
  ASSERT_EQ(rows->size(), outline->parts.size());
  EXPECT_EQ(rows->front().path, "");
  for (std::size_t i = 0; i < rows->size(); ++i) {
    EXPECT_EQ((*rows)[i].part, told(outline->parts[i])) << (*rows)[i].path;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, OutlineRows,
                         testing::Values("nil", "tab_mixed", "tab_shared", "tab_10000", "Float_shared", "Float_empty",
                                         "Byte_storage", "func_upvalues", "nn_cnn", "tds_vec"),
                         [](const auto& test) { return test.param; });

TEST(OutlineRowsFromJson, AnArrayHasItsTypeAndSizes) {
  const std::string row = R"({"path":"w","kind":"instance","class":"sconce.Tensor","index":2,"at":0,"bytes":4)";
  const auto rows = outline_rows('[' + row + R"(,"dtype":"BF16","sizes":[2,3]}])");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().dtype, "BF16");
  EXPECT_EQ(rows->front().part.sizes, (std::vector<std::int64_t>{2, 3}));
  EXPECT_FALSE(outline_rows('[' + row + R"(,"dtype":"BF16"}])"));
}

TEST(OutlineRowsFromJson, MembersThatAreNotKnownArePassedOver) {
  const auto rows = outline_rows(R"([{"path":"","kind":"nil","at":0,"bytes":4,"colour":{"red":[1]}}])");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().part.size_bytes, 4U);
}

TEST(OutlineRowsFromJson, WhatIsNoOutlineIsRefused) {
  for (const std::string_view json : {"", "[", "[]", "{}", "null", "[1", "[{}]x"}) {
    EXPECT_EQ(outline_rows(json).error(),
              core::fail(core::ErrorCode::malformed, "this is not the outline of an object").error())
        << json;
  }
}

TEST(OutlineRowsFromJson, ARowThatSaysNoPartIsNamed) {
  const std::string_view rows[] = {
      R"(1)",
      R"({})",
      R"({"path":"","kind":"nil","at":0})",
      R"({"path":"","kind":"nil","at":-1,"bytes":4})",
      R"({"path":"","kind":"nil","at":18446744073709551615,"bytes":4})",
      R"({"path":"","kind":"nil","at":0.5,"bytes":4})",
      R"({"path":1,"kind":"nil","at":0,"bytes":4})",
      R"({"path":"","kind":"none","at":0,"bytes":4})",
      R"({"path":"","kind":"nil","at":0,"bytes":4,"complete":1})",
      R"({"path":"","kind":"nil","at":0,"bytes":4,"index":2147483648})",
      R"({"path":"","kind":"string","at":0,"bytes":4})",
      R"({"path":"","kind":"table","entries":"1","at":0,"bytes":4})",
      R"({"path":"","kind":"storage","class":"torch.FloatTensor","elements":1,"at":0,"bytes":4})",
      R"({"path":"","kind":"tensor","class":"torch.FloatTensor","sizes":[1],"strides":1,"offset":1,"at":0,"bytes":4})",
      R"({"path":"","kind":"tensor","class":"torch.FloatTensor","sizes":["1"],"strides":[],"offset":1,"at":0,"bytes":4})",
      R"({"path":"","kind":"tensor","class":"torch.FloatTensor","sizes":[],"strides":[],"offset":1,"at":0,"bytes":4,"storage":1})",
  };
  const std::string good = R"([{"path":"","kind":"nil","at":0,"bytes":4},)";
  for (const std::string_view row : rows) {
    const auto read = outline_rows(good + std::string(row) + "]");
    ASSERT_FALSE(read) << row;
    EXPECT_EQ(read.error(), core::fail(core::ErrorCode::malformed, "row 1 of the outline says no part").error()) << row;
  }
}

}  // namespace
}  // namespace sconce::proto
