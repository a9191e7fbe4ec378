#include "core/outline/part_reader.h"

#include <gtest/gtest.h>

#include "core/bytes/byte_sink.h"
#include "core/outline/object_parts.h"
#include "core/torch7/event_writer.h"
#include "tests/hostile/wire.h"
#include "tests/support/golden.h"

namespace sconce::core {
namespace {

using tests::bytes_of;
using tests::Wire;

/// Parts of an object, read as objects of their own.
class Parts {
 public:
  explicit Parts(std::string bytes, const OutlineLimits& limits = {})
      : bytes_(std::move(bytes)), outline_(*scan_outline(source_, default_class_layouts(), budget_, limits)) {}

  Result<std::string> read(std::string_view path, const ReadLimits& limits = {}) {
    const Result<FoundPart> part = finder_.find(*parse_path(path));
    if (!part) return std::unexpected(part.error());
    std::string bytes;
    StringSink out(bytes);
    EventWriter writer(Format::binary, out);
    PartReader reader(source_, finder_, default_class_layouts(), **part, writer, limits);
    while (!reader.done()) {
      if (Status advanced = reader.advance(); !advanced) return std::unexpected(advanced.error());
    }
    if (Status finished = writer.finish(); !finished) return std::unexpected(finished.error());
    return bytes;
  }

 private:
  const std::string bytes_;
  MemorySource source_{bytes_of(bytes_)};
  Budget budget_;
  const Outline outline_;
  PartFinder finder_{source_, outline_, default_class_layouts(), budget_};
};

/// `{p[1] = {}, p[2] = {p[1]}, p[3] = {p[2]}, …}`: each part refers to the one before, outside itself. All stand in
/// tables of `width`, so that an outline has room for them.
std::string chain(std::int32_t length, std::int32_t width) {
  Wire wire;
  wire.table(1, (length + width - 1) / width);
  std::int32_t index = 1;
  std::int32_t previous = 0;
  for (std::int32_t begin = 0; begin < length; begin += width) {
    const std::int32_t count = std::min(width, length - begin);
    wire.number(begin / width + 1).table(++index, count);
    for (std::int32_t i = 0; i < count; ++i) {
      wire.number(i + 1).table(++index, previous == 0 ? 0 : 1);
      if (previous != 0) wire.number(1).again(tag::kTable, previous);
      previous = index;
    }
  }
  return wire.bytes();
}

const OutlineLimits kWide{.parts_max = 1 << 20, .children_max = 1 << 20};

TEST(PartReader, AChainOfPartsComesAlong) {
  const Result<std::string> part = Parts(chain(3, 10)).read("[1][3]");
  ASSERT_TRUE(part);
  EXPECT_EQ(*part, Wire().table(1, 1).number(1).table(2, 1).number(1).table(3, 0).bytes());
}

TEST(PartReader, AChainThatIsTooLongIsRefused) {
  Parts parts(chain(20'000, 2'000), kWide);
  const Result<std::string> part = parts.read("[10][2000]");
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(part.error().what.find("10000"), std::string::npos) << part.error().what;
  const Result<std::string> shorter = parts.read("[5][2000]");
  ASSERT_TRUE(shorter) << to_string(shorter.error());
}

/// What comes out is an object that can be read again: the depth of a part and of what it brings along add up.
TEST(PartReader, PartsNoneOfThemDeepMayBecomeOneThatIs) {
  Wire wire;
  wire.table(1, 2).string("below");
  for (std::int32_t index = 2; index < 10; ++index) wire.table(index, 1).number(1);
  wire.number(7).string("above");
  for (std::int32_t index = 10; index < 18; ++index) wire.table(index, 1).number(1);
  wire.again(tag::kTable, 2);
  Parts parts(wire.bytes());
  EXPECT_TRUE(parts.read("below", {.depth_max = 9}));
  EXPECT_TRUE(parts.read("above", {.depth_max = 16}));
  const Result<std::string> part = parts.read("above", {.depth_max = 15});
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, ErrorCode::limit_exceeded);
}

TEST(PartReader, MoreIndicesThanTheLimitAreRefused) {
  Parts parts(chain(10, 10));
  EXPECT_TRUE(parts.read("[1][5]", {.indices_max = 5}));
  const Result<std::string> part = parts.read("[1][5]", {.indices_max = 4});
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, ErrorCode::limit_exceeded);
}

TEST(PartReader, ManyPlacesThatTheOutlineLacksAreRead) {
  // {first = {{}, {}, …}, second = {those}}, in an outline that has room for none of them.
  constexpr std::int32_t kCount = 100;
  Wire wire;
  wire.table(1, 2).string("first").table(2, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).table(2 + i, 0);
  wire.string("second").table(3 + kCount, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).again(tag::kTable, 2 + i);
  const Result<std::string> whole = Parts(wire.bytes()).read("second");
  ASSERT_TRUE(whole);
  EXPECT_EQ(Parts(wire.bytes(), {.children_max = 2}).read("second"), whole);
  EXPECT_EQ(Parts(wire.bytes(), {.children_max = 2}).read("second[70]"), Wire().table(1, 0).bytes());
}

TEST(PartReader, AKeyThatIsAnObjectMayBeReferredTo) {
  const std::string bytes =
      Wire().table(1, 2).table(2, 1).string("in").number(1).number(5).string("x").again(tag::kTable, 2).bytes();
  EXPECT_EQ(Parts(bytes).read("x"), Wire().table(1, 1).string("in").number(1).bytes());
  EXPECT_EQ(Parts(bytes).read("x.in"), Wire().number(1).bytes());
  EXPECT_EQ(Parts(bytes).read("[#2]"), Wire().number(5).bytes());
}

TEST(PartReader, TheTableOfFieldsMayBeReferredTo) {
  const std::string bytes = Wire()
                                .table(1, 2)
                                .string("m")
                                .instance(2, "my.Class")
                                .table(3, 1)
                                .string("w")
                                .number(5)
                                .string("x")
                                .again(tag::kTable, 3)
                                .bytes();
  EXPECT_EQ(Parts(bytes).read("x"), Wire().table(1, 1).string("w").number(5).bytes());
  EXPECT_EQ(Parts(bytes).read("x.w"), Wire().number(5).bytes());
  EXPECT_EQ(Parts(bytes).read("m"), Wire().instance(1, "my.Class").table(2, 1).string("w").number(5).bytes());
}

/// `{2 = {}, 3 = that}`, with an outline that says that the first stands elsewhere.
Error error_where_the_definition_is_at(std::uint64_t offset_bytes) {
  const std::string bytes = Wire().table(1, 2).number(2).table(2, 0).number(3).again(tag::kTable, 2).bytes();
  MemorySource source(bytes_of(bytes));
  Budget budget;
  Outline outline = *scan_outline(source, default_class_layouts(), budget);
  outline.parts[1].offset_bytes = offset_bytes;
  outline.parts[1].indices_before = 2;
  PartFinder finder(source, outline, default_class_layouts(), budget);
  std::string out;
  StringSink sink(out);
  EventWriter writer(Format::binary, sink);
  PartReader reader(source, finder, default_class_layouts(), outline.parts[2], writer);
  while (!reader.done()) {
    if (Status advanced = reader.advance(); !advanced) return advanced.error();
  }
  return {.code = ErrorCode::invalid_argument, .what = "it was read"};
}

TEST(PartReader, ADamagedOutlineThatLeadsBackToTheReferenceIsCorrupt) {
  EXPECT_EQ(error_where_the_definition_is_at(48).code, ErrorCode::corrupt);  // at itself, without end
  EXPECT_EQ(error_where_the_definition_is_at(0).code, ErrorCode::corrupt);
}

TEST(PartReader, ADamagedOutlineThatLeadsBehindTheObjectIsCorrupt) {
  EXPECT_EQ(error_where_the_definition_is_at(57).code, ErrorCode::corrupt);
  EXPECT_EQ(error_where_the_definition_is_at(UINT64_MAX).code, ErrorCode::corrupt);
}

/// The offset of a tensor without elements may be anything.
TEST(PartFinder, TheLeastOffsetOfATensorWithoutElementsIsTaken) {
  const std::string bytes = Wire().instance(1, "torch.ByteTensor").i32(1).i64(0).i64(1).i64(INT64_MIN).nil().bytes();
  MemorySource source(bytes_of(bytes));
  Budget budget;
  const Outline outline = *scan_outline(source, default_class_layouts(), budget);
  PartFinder finder(source, outline, default_class_layouts(), budget);
  const Result<TensorView> view = finder.view_of(outline.parts[0]);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->size_bytes(), 0U);
}

/// No path leads into the value of another one, though it stands in the outline.
TEST(PartFinder, OfEqualKeysTheLastCounts) {
  const std::string bytes =
      Wire().table(1, 2).string("x").table(2, 1).string("a").number(1).string("x").number(2).bytes();
  for (const OutlineLimits& limits : {OutlineLimits{}, OutlineLimits{.children_max = 0}, {.children_max = 1}}) {
    Parts parts(bytes, limits);
    EXPECT_EQ(parts.read("x"), Wire().number(2).bytes());
    const Result<std::string> hidden = parts.read("x.a");
    ASSERT_FALSE(hidden);
    EXPECT_EQ(hidden.error().code, ErrorCode::not_found);
    EXPECT_EQ(hidden.error().path, "x");
  }
}

TEST(PartFinder, AKeyThatIsTooLongForTheOutlineIsFoundByReading) {
  const std::string key(3'000, 'k');
  const std::string bytes =
      Wire().table(1, 3).string(key).number(1).string(key + 'k').number(2).string("y").number(3).bytes();
  EXPECT_EQ(Parts(bytes).read(key), Wire().number(1).bytes());
  EXPECT_EQ(Parts(bytes).read(key + 'k'), Wire().number(2).bytes());
  const Result<std::string> none = Parts(bytes).read(key.substr(1));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace sconce::core
