#include "core/class_layout.h"

#include <gtest/gtest.h>

namespace sconce::core {
namespace {

using Kind = LayoutOp::Kind;

LayoutOp scalars(ElementType type, RepeatCount count = {}) { return {Kind::scalars, type, count}; }
RepeatCount times(std::int64_t constant) { return {.constant = constant, .from = std::nullopt}; }
RepeatCount from(std::size_t op) { return {.constant = 1, .from = op}; }

TEST(ClassLayout, ReadsEveryOperation) {
  const auto layout = parse_layout("int double int:n char[n] long[3] object  pair[n]");
  ASSERT_TRUE(layout) << to_string(layout.error());
  const ClassLayout expected{{scalars(ElementType::i32), scalars(ElementType::f64), scalars(ElementType::i32),
                              scalars(ElementType::i8, from(2)), scalars(ElementType::i64, times(3)),
                              LayoutOp{Kind::objects, ElementType::u8, {}},
                              LayoutOp{Kind::pairs, ElementType::u8, from(2)}}};
  EXPECT_EQ(*layout, expected);
}

TEST(ClassLayout, AnEmptyLayoutWritesNothing) { EXPECT_EQ(parse_layout(" \t"), ClassLayout{}); }

TEST(ClassLayout, NamesTheByteThatIsWrong) {
  struct Row {
    std::string_view text;
    std::uint64_t offset;
  };
  constexpr Row kRows[] = {
      {"int float32", 4},  {"int[n]", 4},   {"int[", 4},     {"int[3", 5}, {"int[-1]", 4},  {"int[2147483648]", 4},
      {"int:n int:n", 10}, {"double:n", 7}, {"int:n[2]", 4}, {"int:", 4},  {"object:n", 7}, {"int[3]x", 7}};
  for (const Row& row : kRows) {
    const auto layout = parse_layout(row.text);
    ASSERT_FALSE(layout) << row.text;
    EXPECT_EQ(layout.error().code, ErrorCode::invalid_argument) << row.text;
    EXPECT_EQ(layout.error().offset, row.offset) << row.text << ": " << layout.error().what;
  }
}

TEST(ClassLayouts, KnowsTds) {
  const ClassLayouts layouts;
  EXPECT_EQ(*layouts.find("tds.Hash"), *parse_layout("long:n pair[n]"));
  EXPECT_EQ(*layouts.find("tds_hash"), *parse_layout("long:n pair[n]"));
  EXPECT_EQ(*layouts.find("tds.Vec"), *parse_layout("long:n object[n]"));
  EXPECT_EQ(*layouts.find("tds.AtomicCounter"), *parse_layout("long"));
  EXPECT_EQ(layouts.find("nn.Linear"), nullptr);
}

TEST(ClassLayouts, ALaterDeclarationReplaces) {
  ClassLayouts layouts;
  ASSERT_TRUE(layouts.declare("a.B", "int"));
  ASSERT_TRUE(layouts.declare("a.B", "long"));
  EXPECT_EQ(*layouts.find("a.B"), *parse_layout("long"));
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
  EXPECT_EQ(*layouts.find("a.B"), *parse_layout("int:n char[n]"));
  EXPECT_EQ(*layouts.find("a.Empty"), ClassLayout{});
  EXPECT_EQ(*layouts.find("a.One"), *parse_layout("object"));
}

TEST(ClassLayouts, TextNamesTheLineThatIsWrong) {
  ClassLayouts layouts;
  EXPECT_EQ(layouts.declare_all("a.B: int\na.C int\n").error().what, "line 2: a declaration is `Name: layout`");
  EXPECT_TRUE(layouts.declare_all("\n\na.D: quad\n").error().what.starts_with("line 3: `quad` is no type"));
}

}  // namespace
}  // namespace sconce::core
