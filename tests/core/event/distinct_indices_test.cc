#include "core/event/distinct_indices.h"

#include <gtest/gtest.h>

#include "tests/support/event_recorder.h"

namespace sconce::core {
namespace {

TEST(DistinctIndices, NumberDefinitionsInTheirOrder) {
  tests::EventRecorder recorder;
  DistinctIndices distinct(recorder);
  const event::Instance instance{.index = 0, .header = {.version = "V 1", .name = "a.Class"}};
  const Event events[] = {event::Table{.index = 9, .count = 2},
                          event::Number{1},
                          instance,
                          event::Table{.index = 9, .count = 0},
                          event::End{},
                          event::End{},
                          event::Function{.tag = 6, .index = std::nullopt, .size_bytes = 0},
                          event::Function{.tag = 8, .index = -1, .size_bytes = 0}};
  for (const Event& event : events) ASSERT_TRUE(distinct.on(event));
  tests::EventRecorder expected;
  event::Instance second = instance;
  second.index = 2;
  const Event numbered[] = {event::Table{.index = 1, .count = 2},
                            event::Number{1},
                            second,
                            event::Table{.index = 3, .count = 0},
                            event::End{},
                            event::End{},
                            event::Function{.tag = 6, .index = std::nullopt, .size_bytes = 0},
                            event::Function{.tag = 8, .index = 4, .size_bytes = 0}};
  for (const Event& event : numbered) ASSERT_TRUE(expected.on(event));
  EXPECT_EQ(recorder.text(), expected.text());
}

}  // namespace
}  // namespace sconce::core
