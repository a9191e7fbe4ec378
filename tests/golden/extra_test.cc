// Input made by hand, with the verdict of the real Torch7 on each.

#include <gtest/gtest.h>

#include <map>

#include "core/graph/serialize.h"
#include "tests/golden/content.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;

enum class Here { same, loads, refused };

struct Verdict {
  Here here;
  std::string why;
};

/// Where Sconce decides otherwise than "what Torch loads, loads with the same content, and what it refuses is refused".
const std::map<std::string, Verdict>& decided_otherwise() {
  static const std::map<std::string, Verdict> verdicts = {
      {"func_source_text", {Here::loads, "Torch compiles it; code is never executed here, and is kept as it is"}},
      {"func_garbage", {Here::loads, "Torch loads nil for code that it cannot run; here it is kept as it is"}},
      {"func_garbage_with_upvalue", {Here::loads, "code is kept, not run"}},
      {"lua51_func", {Here::loads, "code of another Lua is kept, not run"}},
      {"lua52_func", {Here::loads, "code of another Lua is kept, not run"}},
      {"cuda_cuda", {Here::loads, "needs no GPU"}},
      {"cuda_cudadouble", {Here::loads, "needs no GPU"}},
      {"cuda_cudabyte", {Here::loads, "needs no GPU"}},
      {"cuda_cudalong", {Here::loads, "needs no GPU"}},
      {"cuda_cudahalf", {Here::loads, "needs no GPU"}},
      {"unknown_class_plain", {Here::loads, "an unknown class is kept"}},
      {"unknown_class_in_table", {Here::loads, "an unknown class is kept"}},
      {"lex_intdot", {Here::refused, "Torch takes the number 1.0 for the tag 1 and the number .0"}},
      {"lex_inthex", {Here::refused, "Torch takes 0x1 for the tag 0, nil"}},
      {"bad_class_nofactory", {Here::loads, "Torch loads it too, once nn has been loaded"}},
      {"lex_crlfstr", {Here::refused, "Torch takes the CR for the first byte of the string"}},
      {"bad_tensor_offset0", {Here::refused, "Torch reads the element before the storage"}},
  };
  return verdicts;
}

struct ExtraRow {
  std::string file;
  core::Format format;
  bool referenced;
  bool torch_loads;
  std::string expect;

  std::string name() const { return file.substr(0, file.find('.')); }
};

std::vector<ExtraRow> extra_rows() {
  std::vector<ExtraRow> rows;
  for (const auto& row : golden_json("extra/MANIFEST.json")) {
    rows.push_back({row["file"], *core::format_from_name(row["format"].get<std::string>()), row["referenced"],
                    row["load"] == "ok", row.value("expect", "")});
  }
  return rows;
}

core::Result<core::Deserialized> read_row(const std::string& file, const ExtraRow& row) {
  const core::DeserializeOptions options{.format = row.format, .read = golden_options(row.referenced)};
  return core::deserialize(bytes_of(file), options);
}

void expect_refused(const ExtraRow& row, const core::Result<core::Deserialized>& read) {
  ASSERT_FALSE(read) << "was read";
  const ErrorCode code = read.error().code;
  EXPECT_TRUE(code == ErrorCode::malformed || code == ErrorCode::truncated) << to_string(read.error());
  EXPECT_TRUE(read.error().offset && read.error().path) << to_string(read.error());
  EXPECT_LE(read.error().offset, read_golden("extra/" + row.file).size());
}

TEST(Extra, WhatTorchLoadsHasTheSameContent) {
  std::size_t same = 0;
  for (const ExtraRow& row : extra_rows()) {
    if (!row.torch_loads || decided_otherwise().contains(row.name())) continue;
    SCOPED_TRACE(row.file);
    const auto read = read_row(read_golden("extra/" + row.file), row);
    ASSERT_TRUE(read) << to_string(read.error());
    const ContentOptions options{.versions = false};
    EXPECT_EQ(content_difference(golden_json("extra/" + row.expect), read->object, options), "");
    same += 1;
  }
  EXPECT_EQ(same, 92U);
}

TEST(Extra, WhatTorchRefusesIsRefused) {
  std::size_t refused = 0;
  for (const ExtraRow& row : extra_rows()) {
    if (row.torch_loads || decided_otherwise().contains(row.name())) continue;
    SCOPED_TRACE(row.file);
    expect_refused(row, read_row(read_golden("extra/" + row.file), row));
    refused += 1;
  }
  EXPECT_EQ(refused, 57U);
}

TEST(Extra, WhatIsDecidedOtherwiseIsSo) {
  std::size_t decided = 0;
  for (const ExtraRow& row : extra_rows()) {
    const auto verdict = decided_otherwise().find(row.name());
    if (verdict == decided_otherwise().end()) continue;
    SCOPED_TRACE(row.file + ": " + verdict->second.why);
    const std::string file = read_golden("extra/" + row.file);
    const auto read = read_row(file, row);
    decided += 1;
    if (verdict->second.here == Here::refused) {
      expect_refused(row, read);
      continue;
    }
    ASSERT_TRUE(read) << to_string(read.error());
    const auto written = core::serialize(read->object, row.format, row.referenced);
    EXPECT_TRUE(written && *written == file.substr(0, read->used_bytes)) << "written otherwise";
  }
  EXPECT_EQ(decided, 41U);
}

/// {1, 'two', true, t = ShortTensor{1, -2, 300}, d = DoubleTensor(2, 2) of 1.5, l = LongTensor{1, -2}}
void expect_big_endian_content(const core::Value& root) {
  const core::Table* table = root.table();
  ASSERT_NE(table, nullptr);
  EXPECT_EQ((*table)[1].number(), 1.0);
  EXPECT_EQ((*table)[2].string(), "two");
  EXPECT_EQ((*table)[3].boolean(), true);
  const core::Tensor* shorts = (*table)["t"].tensor();
  ASSERT_NE(shorts, nullptr);
  EXPECT_EQ(shorts->storage()->at<std::int16_t>(1), -2);
  EXPECT_EQ(shorts->storage()->at<std::int16_t>(2), 300);
  const core::Tensor* doubles = (*table)["d"].tensor();
  ASSERT_NE(doubles, nullptr);
  EXPECT_EQ(doubles->sizes()[1], 2);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(doubles->storage()->at<double>(i), 1.5);
  const core::Tensor* longs = (*table)["l"].tensor();
  ASSERT_NE(longs, nullptr);
  EXPECT_EQ(longs->storage()->at<std::int64_t>(0), 1);
  EXPECT_EQ(longs->storage()->at<std::int64_t>(1), -2);
}

TEST(Extra, BigEndianInputIsReadWhereItIsAskedFor) {
  struct Row {
    const char* file;
    core::Format format;
  };
  for (const Row& row :
       {Row{"extra/bigendian.be", core::Format::b64}, Row{"extra/bigendian_long4.be", core::Format::b32}}) {
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    core::DeserializeOptions options{.format = row.format, .read = golden_options(true)};
    options.read.byte_order = core::ByteOrder::big;
    const auto read = core::deserialize(bytes_of(file), options);
    ASSERT_TRUE(read) << to_string(read.error());
    EXPECT_EQ(read->used_bytes, file.size());
    expect_big_endian_content(read->object);
  }
}

}  // namespace
}  // namespace sconce::tests
