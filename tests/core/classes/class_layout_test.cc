#include "core/classes/class_layout.h"

#include <gtest/gtest.h>

namespace sconce::core {
namespace {

using Kind = LayoutOp::Kind;

LayoutOp scalars(ElementType type, RepeatCount count = {}) {
  return {.kind = Kind::scalars, .type = type, .count = count};
}
LayoutOp count_of(ElementType type) { return {.kind = Kind::scalars, .type = type, .count = {}, .is_count = true}; }
RepeatCount times(std::int64_t constant) { return {.constant = constant, .from = std::nullopt}; }
RepeatCount from(std::size_t op) { return {.constant = 1, .from = op}; }

TEST(ClassLayout, ReadsEveryOperation) {
  const auto layout = parse_layout("int double int:n char[n] long[3] object  pair[n]");
  ASSERT_TRUE(layout) << to_string(layout.error());
  const ClassLayout expected{{scalars(ElementType::i32), scalars(ElementType::f64), count_of(ElementType::i32),
                              scalars(ElementType::i8, from(2)), scalars(ElementType::i64, times(3)),
                              LayoutOp{.kind = Kind::objects, .type = ElementType::u8, .count = {}},
                              LayoutOp{.kind = Kind::pairs, .type = ElementType::u8, .count = from(2)}}};
  EXPECT_EQ(*layout, expected);
}

TEST(ClassLayout, AnEmptyLayoutWritesNothing) { EXPECT_EQ(parse_layout(" \t"), ClassLayout{}); }

TEST(ClassLayout, NamesTheByteThatIsWrong) {
  struct Row {
    std::string_view text;
    std::uint64_t offset;
  };
  constexpr Row kRows[] = {{"int float32", 4},
                           {"int[n]", 4},
                           {"int[", 4},
                           {"int[3", 5},
                           {"int[-1]", 4},
                           {"int[2147483648]", 4},
                           {"int:n int:n", 10},
                           {"half:n", 5},
                           {"int:n[2]", 4},
                           {"int:", 4},
                           {"pair:n", 5},
                           {"int[3]x", 7},
                           {"object:n[2]", 7},
                           {"(int", 0},
                           {"int)", 3},
                           {"(int)", 5},
                           {"(int)[", 6},
                           {"(int)[3", 7},
                           {"(int)[-1]", 6},
                           {"()[2]", 0},
                           {"int (char[0])[2]", 4},
                           {"int:n (char[n])[n]", 6},
                           {"(int:n char[n])[2] long[n]", 24},
                           {"(((((((((int", 8},
                           {"(float32)[2]", 1}};
  for (const Row& row : kRows) {
    const auto layout = parse_layout(row.text);
    ASSERT_FALSE(layout) << row.text;
    EXPECT_EQ(layout.error().code, ErrorCode::invalid_argument) << row.text;
    EXPECT_EQ(layout.error().offset, row.offset) << row.text << ": " << layout.error().what;
  }
}

TEST(ClassLayout, ReadsGroups) {
  const auto layout = parse_layout("double:n (object (byte short)[2])[n] object:m(float)[m]");
  ASSERT_TRUE(layout) << to_string(layout.error());
  const LayoutOp outer{
      .kind = Kind::group, .type = ElementType::u8, .count = from(0), .is_count = false, .group_ops = 4};
  const LayoutOp inner{
      .kind = Kind::group, .type = ElementType::u8, .count = times(2), .is_count = false, .group_ops = 2};
  const LayoutOp object{.kind = Kind::objects, .type = ElementType::u8, .count = {}};
  LayoutOp number = object;
  number.is_count = true;
  const LayoutOp last{
      .kind = Kind::group, .type = ElementType::u8, .count = from(6), .is_count = false, .group_ops = 1};
  const ClassLayout expected{{count_of(ElementType::f64), outer, object, inner, scalars(ElementType::u8),
                              scalars(ElementType::i16), number, last, scalars(ElementType::f32)}};
  EXPECT_EQ(*layout, expected);
}

/// Finds whatever the version is.
const ClassLayout* find(const ClassLayouts& layouts, std::string_view name) { return layouts.find(name, "V 1"); }

TEST(ClassLayouts, KnowsTds) {
  const ClassLayouts layouts;
  EXPECT_EQ(*find(layouts, "tds.Hash"), *parse_layout("long:n pair[n]"));
  EXPECT_EQ(*find(layouts, "tds_hash"), *parse_layout("long:n pair[n]"));
  EXPECT_EQ(*find(layouts, "tds.Vec"), *parse_layout("long:n object[n]"));
  EXPECT_EQ(*find(layouts, "tds.AtomicCounter"), *parse_layout("long"));
  EXPECT_EQ(find(layouts, "nn.Linear"), nullptr);
}

TEST(ClassLayouts, ALaterDeclarationReplaces) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare("a.B", "int"));
  ASSERT_TRUE(layouts.declare("a.B", "long"));
  EXPECT_EQ(*find(layouts, "a.B"), *parse_layout("long"));
}

TEST(ClassLayouts, AVersionWinsOverLaterOnesAndTheseOverAll) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare_all("a.B: byte\na.B V 2+: short\na.B V 4+: int\na.B V 3: long\n a.B  V 0 : half"));
  const auto is = [&layouts](std::optional<std::string_view> version, std::string_view layout) {
    return layouts.find("a.B", version) != nullptr && *layouts.find("a.B", version) == *parse_layout(layout);
  };
  EXPECT_TRUE(is("V 1", "byte"));
  EXPECT_TRUE(is("V 2", "short"));
  EXPECT_TRUE(is("V 2.5", "short"));
  EXPECT_TRUE(is("V 3", "long"));
  EXPECT_TRUE(is("V 0x4", "int"));
  EXPECT_TRUE(is("V 9", "int"));
  EXPECT_TRUE(is("V -1", "byte"));
  EXPECT_TRUE(is("V nan", "byte"));
  EXPECT_TRUE(is("V 0", "half"));
  EXPECT_TRUE(is(std::nullopt, "half")) << "a header without a version is version 0";
}

TEST(ClassLayouts, OfAClassDeclaredForSomeVersionsOthersStayAsTheyWere) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare("nn.DataParallelTable V 4", "int"));
  EXPECT_EQ(*layouts.find("nn.DataParallelTable", "V 4"), *parse_layout("int"));
  EXPECT_EQ(*layouts.find("nn.DataParallelTable", "V 3"), *parse_layout("object object"));
  EXPECT_EQ(*layouts.find("nn.DataParallelTable", "V 1"), *parse_layout("object"));
  ASSERT_TRUE(layouts.declare("a.B V 2", "int"));
  EXPECT_EQ(layouts.find("a.B", "V 1"), nullptr);
}

TEST(ClassLayouts, ADeclarationWinsOverWhatIsBuiltInAndANameOverAPrefix) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare("nn.*", "byte"));
  ASSERT_TRUE(layouts.declare("nn.My*", "short"));
  ASSERT_TRUE(layouts.declare("nn.MyOwn", "int"));
  ASSERT_TRUE(layouts.declare("torch.Timer", "object"));
  ASSERT_TRUE(layouts.declare("package.*", "double"));
  EXPECT_EQ(*find(layouts, "nn.GPU"), *parse_layout("object object"));
  EXPECT_EQ(*find(layouts, "nn.Linear"), *parse_layout("byte"));
  EXPECT_EQ(*find(layouts, "nn.MyOther"), *parse_layout("short"));
  EXPECT_EQ(*find(layouts, "nn.MyOwn"), *parse_layout("int"));
  EXPECT_EQ(*find(layouts, "torch.Timer"), *parse_layout("object"));
  EXPECT_EQ(*find(layouts, "package.torchnet"), *parse_layout("double"));
  EXPECT_EQ(find(layouts, "nm.Linear"), nullptr);
}

TEST(ClassLayouts, WhatATensorIsAnywayMayBeDeclared) {
  ClassLayouts layouts;
  EXPECT_TRUE(
      layouts.declare_all("torch.ClTensor: int:n long[n] long[n] long object\ntorch.ClStorage: long:m float[m]\n"));
  EXPECT_EQ(find(layouts, "torch.ClTensor"), nullptr);
  EXPECT_FALSE(layouts.declare("torch.ClStorage", "long:n double[n]"));
}

TEST(ClassLayouts, ASpecThatIsNoneIsRefused) {
  ClassLayouts layouts;
  for (const std::string_view spec : {"", "*", " V 1", "a.B V ", "a.B V x", "a.B V 1-", "a.B V +", "V"}) {
    const Status declared = layouts.declare(spec, "int");
    ASSERT_FALSE(declared) << spec;
    EXPECT_EQ(declared.error().code, ErrorCode::invalid_argument) << spec;
  }
}

TEST(ClassLayouts, TensorsCannotBeDeclared) {
  ClassLayouts layouts;
  EXPECT_EQ(layouts.declare("torch.FloatTensor", "int").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(layouts.declare("torch.CudaStorage", "int").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(layouts.declare("", "int").error().code, ErrorCode::invalid_argument);
}

TEST(ClassLayouts, DeclaresFromText) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare_all("# written by hand\n\n a.B : int:n char[n]\r\na.Empty:\n  a.One: object"));
  EXPECT_EQ(*find(layouts, "a.B"), *parse_layout("int:n char[n]"));
  EXPECT_EQ(*find(layouts, "a.Empty"), ClassLayout{});
  EXPECT_EQ(*find(layouts, "a.One"), *parse_layout("object"));
}

TEST(ClassLayouts, TextNamesTheLineThatIsWrong) {
  ClassLayouts layouts;
  EXPECT_EQ(layouts.declare_all("a.B: int\na.C int\n").error().what, "line 2: a declaration is `Name: layout`");
  EXPECT_TRUE(layouts.declare_all("\n\na.D: quad\n").error().what.starts_with("line 3: `quad` is no type"));
}

TEST(ClassLayouts, TextThatContradictsItselfNamesBothLines) {
  const auto error_of = [](std::string_view text) {
    ClassLayouts layouts;
    const Status declared = layouts.declare_all(text);
    return declared ? std::string() : declared.error().what;
  };
  EXPECT_EQ(error_of("a.B: int\n# the same\na.B: long\n"), "line 3: `a.B` is declared otherwise in line 1");
  EXPECT_EQ(error_of("a.B V 2: int\na.B  V 2.0: long\n"), "line 2: `a.B  V 2.0` is declared otherwise in line 1");
  EXPECT_EQ(error_of("a.*: int\nb.*: int\na.*:\n"), "line 3: `a.*` is declared otherwise in line 1");
  EXPECT_EQ(error_of("a.B: int\na.B: int\na.B V 2: long\na.B V 2+: byte\na.B*: half\n"), "");
}

TEST(ClassLayouts, AStarStandsOnlyAtTheEndOfAPrefix) {
  ClassLayouts layouts;
  for (const char* spec : {"my.**", "my.*.x", "*.x", "**", "my.** V 2"}) {
    const Status declared = layouts.declare(spec, "int");
    ASSERT_FALSE(declared) << spec;
    EXPECT_EQ(declared.error().what,
              "a `*` stands only at the end of a prefix, once: not in `" + std::string(spec) + "`");
  }
  EXPECT_EQ(layouts.declare_all("a: int\nmy.**:\n").error().what.substr(0, 8), "line 2: ");
}

TEST(ClassLayouts, AByteOrderMarkIsNoPartOfTheFirstName) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare_all("\xef\xbb\xbf# by an editor\na.B: int\n"));
  ASSERT_TRUE(
      layouts.declare_all("\xef\xbb\xbf"
                          "a.C: int\n"));
  EXPECT_NE(find(layouts, "a.B"), nullptr);
  EXPECT_NE(find(layouts, "a.C"), nullptr);
}

}  // namespace
}  // namespace sconce::core
