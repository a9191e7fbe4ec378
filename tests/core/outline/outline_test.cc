#include "core/outline/outline.h"

#include <gtest/gtest.h>

#include "core/outline/outline_builder.h"
#include "core/outline/part_finder.h"
#include "tests/hostile/wire.h"
#include "tests/support/golden.h"

namespace sconce::core {
namespace {

using tests::bytes_of;
using tests::Wire;

/// `{a = {b = {c = 1}}, d = 2, <key of 2,000 bytes> = 3}`.
const std::string kNested = Wire()
                                .table(1, 3)
                                .string("a")
                                .table(2, 1)
                                .string("b")
                                .table(3, 1)
                                .string("c")
                                .number(1)
                                .string("d")
                                .number(2)
                                .string(std::string(2'000, 'k'))
                                .number(3)
                                .bytes();

Outline outline_of(const std::string& bytes, const OutlineLimits& limits = {}, const OutlineScope& scope = {},
                   const ClassLayouts& classes = default_class_layouts()) {
  MemorySource source(bytes_of(bytes));
  Budget budget;
  Result<Outline> outline = scan_outline(source, classes, budget, limits, {}, scope);
  if (!outline) throw std::runtime_error(to_string(outline.error()));
  return std::move(*outline);
}

/// The keys that are text, one after the other.
std::string keys_of(const Outline& outline) {
  std::string keys;
  for (const OutlinePart& part : outline.parts) {
    if (const auto* key = std::get_if<std::string>(&part.key)) keys += *key + ' ';
    if (const auto* key = std::get_if<double>(&part.key)) keys += std::to_string(static_cast<int>(*key)) + ' ';
  }
  return keys;
}

TEST(Outline, HoldsWhatItHasRoomFor) {
  const std::pair<OutlineLimits, std::string> rows[] = {
      {{}, "a b c d "},
      {{.key_bytes_max = 2'000}, "a b c d " + std::string(2'000, 'k') + ' '},
      {{.parts_max = 3}, "a b "},
      {{.children_max = 1}, "a b c "},
      {{.parts_max = 4}, "a b d "},  // the fourth place is not for what lies deep
      {{.bytes_max = 2}, "a b "},
  };
  for (const auto& [limits, keys] : rows) {
    const Outline outline = outline_of(kNested, limits);
    EXPECT_EQ(keys_of(outline), keys);
    EXPECT_EQ(outline.parts[0].complete, keys.size() > 1'000);
    EXPECT_EQ(outline.parts[0].size_bytes, kNested.size());
  }
}

TEST(Outline, OfAChildHoldsNothingOfTheOthers) {
  EXPECT_EQ(keys_of(outline_of(kNested, {}, {OutlineScope::Child{"a"}})), "a b c ");
  EXPECT_EQ(keys_of(outline_of(kNested, {}, {OutlineScope::Child{"d"}})), "d ");
  EXPECT_EQ(keys_of(outline_of(kNested, {}, {OutlineScope::Child{"c"}})), "");
  EXPECT_EQ(keys_of(outline_of(kNested, {}, {OutlineScope::Child{1.0}})), "");
}

TEST(Outline, OfAChildHoldsAllThatHaveItsKey) {
  const std::string twice = Wire().table(1, 2).string("x").number(1).string("x").number(2).bytes();
  EXPECT_EQ(keys_of(outline_of(twice, {}, {OutlineScope::Child{"x"}})), "x x ");
}

TEST(Outline, OfADefinitionBeginsWithIt) {
  const Outline outline = outline_of(kNested, {}, {OutlineScope::Definition{2}});
  ASSERT_EQ(keys_of(outline), "b c ");
  EXPECT_EQ(outline.parts[0].index, 2);
  EXPECT_EQ(outline.parts[0].indices_before, 1);
  EXPECT_EQ(outline.parts[0].offset_bytes, 21U);
  EXPECT_TRUE(outline_of(kNested, {}, {OutlineScope::Definition{9}}).parts.empty());
}

/// What is defined inside a key, as the fields of a class, or in a tensor is no part of the outline, but may be
/// referred to.
TEST(Outline, OfADefinitionFindsItWhereNoPathLeads) {
  const std::string bytes = Wire()
                                .table(1, 2)
                                .table(2, 1)  // a key
                                .string("k")
                                .table(3, 0)  // in a key
                                .number(1)
                                .string("o")
                                .instance(4, "my.Class")
                                .table(5, 1)  // the fields
                                .string("t")
                                .instance(6, "torch.ByteTensor")
                                .i32(1)
                                .i64(1)
                                .i64(1)
                                .i64(1)
                                .instance(7, "torch.ByteStorage")
                                .i64(1)
                                .raw("x")
                                .bytes();
  const std::pair<std::int32_t, PartKind> rows[] = {{2, PartKind::table},    {3, PartKind::table},
                                                    {4, PartKind::instance}, {5, PartKind::table},
                                                    {6, PartKind::tensor},   {7, PartKind::storage}};
  for (const auto& [index, kind] : rows) {
    const Outline outline = outline_of(bytes, {}, {OutlineScope::Definition{index}});
    ASSERT_FALSE(outline.parts.empty()) << index;
    EXPECT_EQ(outline.parts[0].kind, kind) << index;
    EXPECT_EQ(outline.parts[0].index, index);
    EXPECT_GT(outline.parts[0].size_bytes, 0U);
  }
}

TEST(Outline, IndicesThatAreNotCountedUpAreOutOfOrder) {
  EXPECT_TRUE(outline_of(kNested).in_order);
  const std::vector<std::vector<std::int32_t>> rows = {{1, 3}, {2, 1}, {0, 1}, {-1, 0}, {5, 6}};
  for (const auto& row : rows) {
    EXPECT_FALSE(outline_of(Wire().table(row[0], 1).number(1).table(row[1], 0).bytes()).in_order) << row[0];
  }
}

TEST(Outline, OfADeclaredClassNamesWhatItListsAndItsPairs) {
  ClassLayouts classes;
  ASSERT_TRUE(classes.declare("my.Sparse", "int:n long[n] double object[n] object"));
  ASSERT_TRUE(classes.declare("my.Pairs", "long:n pair[n]"));
  const std::string bytes = Wire()
                                .instance(1, "my.Sparse")
                                .i32(2)
                                .i64(2)
                                .i64(5)
                                .f64(0.5)
                                .instance(2, "my.Pairs")
                                .i64(1)
                                .string("key")
                                .number(1)
                                .nil()
                                .table(3, 1)
                                .string("field")
                                .number(2)
                                .bytes();
  const Outline outline = outline_of(bytes, {}, {}, classes);
  EXPECT_EQ(keys_of(outline), "1 key 2 field ");
  EXPECT_EQ(outline.parts.at(2).parent, 1U);
  EXPECT_EQ(outline.parts.at(4).parent, 0U);
  EXPECT_EQ(outline.parts[0].size_bytes, bytes.size());
}

Outline golden_outline() {
  return outline_of(tests::read_golden("nn_mlp.binary.ref.t7"), {}, {}, tests::golden_classes());
}

TEST(OutlineCodec, WhatIsCutOffIsCorrupt) {
  const std::string bytes = encode_outline(golden_outline());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<Outline> decoded = decode_outline(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(decode_outline(bytes + '\0'));
}

/// Whatever is done with a decoded outline, its parents stand in front, and what is elsewhere has an index.
void expect_sound(const Outline& outline) {
  ASSERT_FALSE(outline.parts.empty());
  for (std::size_t number = 0; number < outline.parts.size(); ++number) {
    const OutlinePart& part = outline.parts[number];
    ASSERT_LT(part.parent, std::max<std::size_t>(number, 1));
    ASSERT_EQ(part.sizes.size(), part.strides.size());
    ASSERT_TRUE(part.storage || !part.storage_is_elsewhere);
  }
}

TEST(OutlineCodec, ADamagedByteIsCorruptOrSound) {
  const Outline small = outline_of(kNested);
  for (const std::string& bytes : {encode_outline(small), encode_outline(golden_outline())}) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        const Result<Outline> decoded = decode_outline(damaged);
        if (!decoded) continue;
        SCOPED_TRACE(std::to_string(at) + " ^ " + std::to_string(flip));
        ASSERT_NO_FATAL_FAILURE(expect_sound(*decoded));
      }
    }
  }
}

/// Takes no call for what is not there.
class StrictSource final : public ByteSource {
 public:
  explicit StrictSource(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    if (offset <= bytes_.size() && size <= bytes_.size() - offset) return bytes_of(bytes_.substr(offset, size));
    ADD_FAILURE() << "reads " << size << " bytes at " << offset;
    return fail(ErrorCode::io_error, "outside");
  }

 private:
  std::string_view bytes_;
};

/// Finding and reading in it gives an error, or something, but never reads beyond the object.
TEST(OutlineCodec, ADamagedOutlineLeadsNowhereOutside) {
  const std::string object = tests::read_golden("Double_shared.binary.ref.t7");
  const std::string bytes = encode_outline(outline_of(object, {}, {}, tests::golden_classes()));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 2, 8, 64, 128, 255}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const Result<Outline> decoded = decode_outline(damaged);
      if (!decoded || !decoded->in_order) continue;
      StrictSource source(object);
      Budget budget;
      PartFinder finder(source, *decoded, tests::golden_classes(), budget);
      for (const OutlinePart& part : decoded->parts) {
        if (part.kind != PartKind::tensor) continue;
        const Result<TensorView> view = finder.view_of(part);
        if (!view || view->size_bytes() > 1'000) continue;
        StridedReader gather(source, *view);
        for (auto piece = gather.next(); piece && !piece->empty(); piece = gather.next()) continue;
      }
    }
  }
}

}  // namespace
}  // namespace sconce::core
