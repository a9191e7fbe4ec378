#include "core/classes/declared_payload.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

namespace sconce::core {
namespace {

using Place = DeclaredPayload::Place;

ClassLayout parsed(std::string_view layout) { return parse_layout(layout).value(); }

template <class T>
void read_scalar(DeclaredPayload& payload, ElementType type, T value) {
  payload.scalars();
  payload.elements(type, std::as_bytes(std::span(&value, 1)));
}

TEST(DeclaredPayload, TellsSingleObjectsListsAndPairsApart) {
  const ClassLayout layout = parsed("object int:n object[n] pair[n]");
  DeclaredPayload payload(layout);
  EXPECT_EQ(payload.next_object(), Place::single);
  payload.object_done();
  read_scalar(payload, ElementType::i32, std::int32_t{2});
  for (std::int64_t position = 1; position <= 2; ++position) {
    EXPECT_EQ(payload.next_object(), Place::listed);
    EXPECT_EQ(payload.position(), position);
    payload.object_done();
  }
  for (int pair = 0; pair < 2; ++pair) {
    EXPECT_EQ(payload.next_object(), Place::key);
    payload.object_done();
    EXPECT_EQ(payload.next_object(), Place::value);
    payload.object_done();
  }
  EXPECT_EQ(payload.next(), nullptr);
}

TEST(DeclaredPayload, PassesOverWhatIsWrittenZeroTimes) {
  const ClassLayout layout = parsed("long:n object[n] pair[n] (float object)[n] object");
  DeclaredPayload payload(layout);
  read_scalar(payload, ElementType::i64, std::int64_t{0});
  EXPECT_EQ(payload.next_object(), Place::single);
  EXPECT_TRUE(payload.object_done());
  EXPECT_EQ(payload.next(), nullptr);
}

TEST(DeclaredPayload, RepeatsGroups) {
  const ClassLayout layout = parsed("(float object)[2] object");
  DeclaredPayload payload(layout);
  for (int round = 0; round < 2; ++round) {
    read_scalar(payload, ElementType::f32, 1.0F);
    EXPECT_EQ(payload.next_object(), Place::single);
    payload.object_done();
  }
  EXPECT_EQ(payload.next_object(), Place::single);
  payload.object_done();
  EXPECT_EQ(payload.next(), nullptr);
}

TEST(DeclaredPayload, TakesACountFromAnObjectOrADouble) {
  const ClassLayout layout = parsed("object:n object[n] double:m object[m] object[3]");
  DeclaredPayload payload(layout);
  payload.number(1);
  payload.object_done();
  EXPECT_EQ(payload.next_object(), Place::listed);
  payload.object_done();
  read_scalar(payload, ElementType::f64, 0.0);
  EXPECT_EQ(payload.next_object(), Place::single) << "a constant number of objects is no list";
}

TEST(DeclaredPayload, KnowsWhatIsNoCount) {
  const ClassLayout layout = parsed("double:n object[n]");
  for (const double number : {0.5, 1e300, -1e300, std::nan("")}) {
    DeclaredPayload payload(layout);
    read_scalar(payload, ElementType::f64, number);
    EXPECT_EQ(payload.count(), LayoutProgress::kNoCount) << number;
  }
}

TEST(DeclaredPayload, FollowsElementsThatComeInPieces) {
  const ClassLayout layout = parsed("char[5] object");
  DeclaredPayload payload(layout);
  const std::byte bytes[5] = {};
  payload.scalars();
  payload.elements(ElementType::i8, std::span(bytes).first(2));
  ASSERT_EQ(payload.next(), &layout.ops[0]);
  payload.elements(ElementType::i8, std::span(bytes).subspan(2));
  EXPECT_EQ(payload.next(), &layout.ops[1]);
}

TEST(DeclaredPayload, BeginsAnewForTheNextInstance) {
  const ClassLayout pairs = parsed("pair[2]");
  const ClassLayout objects = parsed("object");
  DeclaredPayload payload(pairs);
  EXPECT_EQ(payload.next_object(), Place::key);
  payload.object_done();
  payload.begin(objects);
  EXPECT_EQ(payload.next_object(), Place::single);
  EXPECT_FALSE(payload.at_key());
}

}  // namespace
}  // namespace sconce::core
