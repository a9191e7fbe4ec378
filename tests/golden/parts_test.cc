// Every part of every file that Torch7 wrote, against the graph.

#include <gtest/gtest.h>

#include "core/graph/object_walker.h"
#include "core/graph/serialize.h"
#include "core/outline/part_finder.h"
#include "core/outline/part_reader.h"
#include "core/torch7/event_writer.h"
#include "tests/support/golden.h"
#include "tests/support/small_pieces_source.h"

namespace sconce::tests {
namespace {

using core::ByteSource;
using core::Outline;
using core::OutlinePart;
using core::PartKind;
using core::Value;

/// The steps to a part; nothing where no path leads to it.
std::optional<core::Path> path_of(const Outline& outline, std::uint32_t number) {
  core::Path path;
  for (; number != 0; number = outline.parts[number].parent) {
    const core::PartKey& key = outline.parts[number].key;
    if (std::holds_alternative<std::monostate>(key) || std::holds_alternative<core::KeyIndex>(key)) return std::nullopt;
    std::visit(
        [&path](const auto& one) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(one)>, std::monostate>) path.steps.emplace_back(one);
        },
        key);
  }
  std::ranges::reverse(path.steps);
  return path;
}

Value key_of(const core::PathStep& step) {
  if (const auto* text = std::get_if<std::string>(&step)) return Value::view_of(*text);
  if (const auto* number = std::get_if<double>(&step)) return {*number};
  return {std::get<bool>(step)};
}

/// What stands under the step in the graph; in a declared class, the pair or the item of its payload.
std::optional<Value> child_of(const Value& value, const core::PathStep& step) {
  if (value.table() != nullptr) return value.table()->get(key_of(step));
  if (value.function() != nullptr) return child_of(value.function()->upvalues(), step);
  const core::Instance* instance = value.instance();
  if (instance == nullptr) return std::nullopt;
  if (instance->fields() != nullptr) return instance->fields()->get(key_of(step));
  return std::nullopt;
}

std::optional<Value> value_at(const Value& root, const core::Path& path) {
  std::optional<Value> value = root;
  for (const core::PathStep& step : path.steps) {
    if (value) value = child_of(*value, step);
  }
  return value;
}

core::Result<std::string> read_part(ByteSource& source, core::PartFinder& finder, const OutlinePart& part) {
  std::string bytes;
  core::StringSink out(bytes);
  core::EventWriter writer(core::Format::binary, out);
  core::PartReader reader(source, finder, golden_classes(), part, writer);
  while (!reader.done()) {
    if (core::Status advanced = reader.advance(); !advanced) return std::unexpected(advanced.error());
  }
  if (core::Status finished = writer.finish(); !finished) return std::unexpected(finished.error());
  return bytes;
}

std::string walked(const Value& value) {
  std::string bytes;
  core::StringSink out(bytes);
  core::EventWriter writer(core::Format::binary, out);
  EXPECT_TRUE(core::walk(value, writer));
  EXPECT_TRUE(writer.finish());
  return bytes;
}

/// Reads each part that has a path, as found through `outline`, and returns how many were compared.
std::size_t compare_parts(ByteSource& source, const Outline& complete, const Outline& outline, const Value& root) {
  std::size_t compared = 0;
  for (std::uint32_t number = 0; number < complete.parts.size(); ++number) {
    const auto path = path_of(complete, number);
    const auto value = path ? value_at(root, *path) : std::nullopt;
    if (!value) continue;
    core::Budget budget;
    core::PartFinder finder(source, outline, golden_classes(), budget);
    const auto found = finder.find(*path);
    if (!found) {
      ADD_FAILURE() << core::to_string(*path) << ": " << to_string(found.error());
      continue;
    }
    const auto bytes = read_part(source, finder, **found);
    if (!bytes) ADD_FAILURE() << to_string(bytes.error());
    EXPECT_TRUE(bytes && *bytes == walked(*value)) << core::to_string(*path);
    compared += 1;
  }
  return compared;
}

/// The binary files, with what the graph holds of each.
template <class Use>
void for_each_file(Use use) {
  for (const GoldenRow& row : golden_rows()) {
    if (row.format != core::Format::binary || !row.referenced) continue;
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    const auto read = core::deserialize(bytes_of(file), {.format = core::Format::binary, .read = golden_options(true)});
    ASSERT_TRUE(read);
    use(file, read->object.root());
  }
}

TEST(Parts, AnOutlineIsTheSameReadWithElementsAndWithout) {
  for_each_file([](const std::string& file, const Value&) {
    core::OutlineBuilder builder(golden_classes());
    core::EventReader reader(core::Format::binary, builder, golden_options(true));
    const auto used = reader.put_last(bytes_of(file));
    ASSERT_TRUE(used);
    const Outline outline = builder.take();
    EXPECT_EQ(outline.parts.at(0).size_bytes, *used);
    EXPECT_TRUE(outline.in_order);
    SmallPiecesSource source(bytes_of(file), 13);
    core::Budget budget;
    const auto scanned = core::scan_outline(source, golden_classes(), budget);
    ASSERT_TRUE(scanned) << to_string(scanned.error());
    EXPECT_EQ(scanned->parts, outline.parts);
    const auto decoded = core::decode_outline(core::encode_outline(outline));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->parts, outline.parts);
  });
}

TEST(Parts, EachIsWhatTorchWouldWriteOfIt) {
  std::size_t compared = 0;
  for_each_file([&compared](const std::string& file, const Value& root) {
    core::MemorySource source(bytes_of(file));
    core::Budget budget;
    const auto outline = core::scan_outline(source, golden_classes(), budget);
    ASSERT_TRUE(outline);
    compared += compare_parts(source, *outline, *outline, root);
  });
  EXPECT_GT(compared, 2000U);
}

TEST(Parts, WhatTheOutlineHasNoRoomForIsFoundByReading) {
  std::size_t compared = 0;
  for_each_file([&compared](const std::string& file, const Value& root) {
    if (file.size() > 16384) return;
    SmallPiecesSource source(bytes_of(file), 29);
    core::Budget budget;
    const auto outline = core::scan_outline(source, golden_classes(), budget);
    const auto narrow = core::scan_outline(source, golden_classes(), budget, {.parts_max = 4, .children_max = 1});
    ASSERT_TRUE(outline && narrow);
    EXPECT_LE(narrow->parts.size(), 4U);
    compared += compare_parts(source, *outline, *narrow, root);
  });
  EXPECT_GT(compared, 500U);
}

TEST(Parts, OnlyTheBytesOfAPartAreRead) {
  core::Object object;
  core::Table& table = object.make_table();
  const std::vector<std::byte> large(1 << 20);
  const std::vector<std::byte> small(4096, std::byte{7});
  const auto bytes_class = core::TensorClass{core::ElementType::u8, core::Device::cpu};
  table.set(object.make_string("before"), object.make_storage(bytes_class, large));
  table.set(object.make_string("wanted"), object.make_storage(bytes_class, small));
  table.set(object.make_string("behind"), object.make_storage(bytes_class, large));
  object.set_root(table);
  const auto file = core::serialize(object);
  ASSERT_TRUE(file);
  SmallPiecesSource source(bytes_of(*file), 1024);
  core::Budget budget;
  const auto outline = core::scan_outline(source, golden_classes(), budget);
  ASSERT_TRUE(outline);
  EXPECT_LT(source.bytes_read(), 16U * 1024) << "the elements were read";
  SmallPiecesSource again(bytes_of(*file), 1024);
  core::PartFinder finder(again, *outline, golden_classes(), budget);
  const auto found = finder.find(*core::parse_path("wanted"));
  ASSERT_TRUE(found);
  const auto part = read_part(again, finder, **found);
  ASSERT_TRUE(part);
  EXPECT_GE(again.bytes_read(), 4096U);
  EXPECT_LT(again.bytes_read(), 4096U + 3 * 1024);
}

}  // namespace
}  // namespace sconce::tests
