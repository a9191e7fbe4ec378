#include "core/graph/serialize.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/files/mapped_file.h"
#include "core/graph/transcode.h"
#include "core/torch7/event_writer.h"
#include "tests/support/files.h"

namespace sconce::core {
namespace {

std::string file_text(const std::filesystem::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::size_t files_in(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

Object longs(std::int64_t value, std::size_t count = 1) {
  const std::vector<std::int64_t> elements(count, value);
  Object object;
  Table& root = object.make_table();
  root.set(object.make_string("w"),
           object.make_storage({ElementType::i64, Device::cpu}, std::as_bytes(std::span(elements))));
  object.set_root(root);
  return object;
}

Object cycle() {
  Object object;
  Table& root = object.make_table();
  Table& child = object.make_table();
  root.set(object.make_string("child"), child);
  child.set(object.make_string("back"), root);
  object.set_root(root);
  return object;
}

TEST(Serialize, DefaultsAreTorchs) {
  const auto bytes = serialize(Value(1.5));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, std::string("\1\0\0\0\0\0\0\0\0\0\xf8\x3f", 12));
  EXPECT_EQ(deserialize(*bytes)->root().number(), 1.5);
}

TEST(Serialize, BytesAfterTheObjectAreIgnoredAndCounted) {
  const std::string two = "1\n1.5\n1\n2.5\n";
  EXPECT_EQ(deserialize(two, Format::ascii)->root().number(), 1.5);
  const auto first = deserialize(std::as_bytes(std::span(two)), DeserializeOptions{.format = Format::automatic});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->used_bytes, 6U);
  EXPECT_EQ(first->format, Format::ascii);
}

TEST(Serialize, ALongThatB32CannotHoldIsAnErrorWithItsPath) {
  const auto bytes = serialize(longs(std::int64_t{1} << 31), Format::b32);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::unrepresentable);
  EXPECT_EQ(bytes.error().path, "w");
  EXPECT_NE(bytes.error().what.find("2147483648"), std::string::npos);
  EXPECT_TRUE(serialize(longs((std::int64_t{1} << 31) - 1), Format::b32));
}

TEST(Serialize, ACycleCannotBeWrittenInFull) {
  const Object object = cycle();
  EXPECT_TRUE(serialize(object));
  const auto bytes = serialize(object, Format::binary, false);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::unrepresentable);
  EXPECT_EQ(bytes.error().path, "child.back");
}

TEST(Serialize, ExpansionIsBounded) {
  Object object;  // a table of two times the same table, 40 levels deep: 2^40 parts in full
  Value value = object.make_table();
  for (int level = 0; level < 40; ++level) {
    Table& table = object.make_table();
    table.set(1, value);
    table.set(2, value);
    value = table;
  }
  std::string out;
  StringSink sink(out);
  EventWriter writer(Format::binary, sink);
  const Status walked = walk(value, writer, {.referenced = false, .expanded_parts_max = 1000});
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().code, ErrorCode::limit_exceeded);
  EXPECT_LT(out.size(), 100'000U);
}

TEST(Serialize, ExpandedElementsAreBounded) {
  const Object shared = longs(1, 1000);
  Object object;
  Table& root = object.make_table();
  for (int i = 1; i <= 100; ++i) root.set(i, shared.root());
  CountingSink count;
  EventWriter writer(Format::binary, count);
  const WalkOptions options{.referenced = false, .expanded_bytes_max = 50'000};
  const Status walked = walk(root, writer, options);
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(walked.error().path, "[7].w");
}

TEST(Save, ReplacesTheFileWhole) {
  const tests::TemporaryDirectory directory;
  const auto path = directory.path() / "a.t7";
  ASSERT_TRUE(save(path, Value(1), Format::ascii));
  ASSERT_TRUE(save(path, Value(2), Format::ascii));
  EXPECT_EQ(file_text(path), "1\n2\n");
  EXPECT_EQ(files_in(directory.path()), 1U);
}

TEST(Save, WhatCannotBeWrittenLeavesTheOldFile) {
  const tests::TemporaryDirectory directory;
  const auto path = directory.path() / "a.t7";
  ASSERT_TRUE(save(path, Value(1), Format::ascii));
  const Status saved = save(path, cycle(), Format::ascii, false);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::unrepresentable);
  EXPECT_EQ(file_text(path), "1\n1\n");
  EXPECT_EQ(files_in(directory.path()), 1U);
}

TEST(Save, ADirectoryThatIsNotThereIsAnError) {
  const tests::TemporaryDirectory directory;
  EXPECT_EQ(save(directory.path() / "none" / "a.t7", Value(1)).error().code, ErrorCode::not_found);
}

TEST(Load, AMissingFileIsNotFound) {
  const tests::TemporaryDirectory directory;
  EXPECT_EQ(load(directory.path() / "none").error().code, ErrorCode::not_found);
  EXPECT_EQ(load(directory.path()).error().code, ErrorCode::io_error);
}

/// Whether an address lies in a mapping of this file.
bool is_mapped_from(const void* address, const std::filesystem::path& path) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with(path.string())) continue;
    const auto begin = std::stoull(line, nullptr, 16);
    const auto end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    if (at >= begin && at < end) return true;
  }
  return false;
}

TEST(Load, StoragesOfBinaryFilesViewTheFile) {
  const tests::TemporaryDirectory directory;
  const auto path = directory.path() / "a.t7";
  ASSERT_TRUE(save(path, longs(42, 100'000)));
  const auto loaded = load(path);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const Storage* storage = (*loaded->root().table())["w"].storage();
  ASSERT_NE(storage, nullptr);
  EXPECT_TRUE(is_mapped_from(storage->bytes().data(), path));
  EXPECT_EQ(storage->at<std::int64_t>(99'999), 42);
  ASSERT_TRUE(save(path, Value(1)));  // the file is replaced, not changed
  EXPECT_EQ(storage->at<std::int64_t>(99'999), 42);
}

/// A table of index 1 that holds one of index 1: itself, or another one whose body follows.
TEST(Load, ReferencedSaysWhetherAnIndexRefersBack) {
  const tests::TemporaryDirectory directory;
  const std::string file = directory.write("repeated.t7", "3\n1\n1\n1\n1\n3\n1\n0\n");
  const auto cyclic = load(file, Format::ascii);
  ASSERT_TRUE(cyclic) << to_string(cyclic.error());
  EXPECT_EQ((*cyclic->root().table())[1].table(), cyclic->root().table());
  const auto nested = load(file, Format::ascii, false);
  ASSERT_TRUE(nested) << to_string(nested.error());
  EXPECT_EQ((*nested->root().table())[1].table()->size(), 0U);
}

TEST(Load, DetectsTheFormat) {
  const tests::TemporaryDirectory directory;
  const auto path = directory.path() / "a.t7";
  const Object object = longs(-5, 3);
  for (const Format format : {Format::ascii, Format::binary, Format::b32, Format::b64}) {
    ASSERT_TRUE(save(path, object, format));
    const auto loaded = load(path, Format::automatic);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_TRUE(equal(*loaded, object)) << name_of(format);
  }
}

TEST(Transcode, RepeatedIndicesBecomeDistinct) {
  const std::string twice = "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n2\n0\n";  // {{}, {}}, both of index 2
  std::string out;
  StringSink sink(out);
  TranscodeOptions options{.from = Format::ascii, .to = Format::ascii};
  options.read.referenced = false;
  ASSERT_TRUE(transcode(std::as_bytes(std::span(twice)), sink, options));
  EXPECT_EQ(out, "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n3\n0\n");
}

}  // namespace
}  // namespace sconce::core
