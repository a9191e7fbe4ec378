#include "core/event/contiguous_tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/event_recorder.h"

namespace sconce::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ContiguousStrides, FollowTheOrderOfTheElements) {
  const std::int64_t sizes[] = {2, 3, 4};
  EXPECT_THAT(contiguous_strides(sizes, ElementOrder::last_index_first), ElementsAre(12, 4, 1));
  EXPECT_THAT(contiguous_strides(sizes, ElementOrder::first_index_first), ElementsAre(1, 2, 6));
  EXPECT_THAT(contiguous_strides({}, ElementOrder::last_index_first), IsEmpty());
}

TEST(ContiguousStrides, CountASizeOfZeroAsOne) {
  const std::int64_t sizes[] = {2, 0, 4};
  EXPECT_THAT(contiguous_strides(sizes, ElementOrder::last_index_first), ElementsAre(4, 4, 1));
  EXPECT_THAT(contiguous_strides(sizes, ElementOrder::first_index_first), ElementsAre(1, 2, 2));
}

TEST(ContiguousTensor, HasAStorageOfItsOwn) {
  tests::EventRecorder expected;
  const std::int64_t sizes[] = {2, 3};
  const std::int64_t strides[] = {3, 1};
  const TensorClass floats{ElementType::f32, Device::cpu};
  const Event events[] = {event::Instance{.index = 4, .header = {.version = "V 1", .name = "torch.FloatTensor"}},
                          event::Tensor{.tensor_class = floats, .sizes = sizes, .strides = strides, .offset = 1},
                          event::Instance{.index = 7, .header = {.version = "V 1", .name = "torch.FloatStorage"}},
                          event::Storage{.tensor_class = floats, .count = 6},
                          event::End{},
                          event::End{}};
  for (const Event& event : events) ASSERT_TRUE(expected.on(event));
  tests::EventRecorder emitted;
  ASSERT_TRUE(
      begin_contiguous_tensor(emitted, {.tensor_class = floats, .sizes = sizes, .index = 4, .storage_index = 7}, 6));
  ASSERT_TRUE(end_contiguous_tensor(emitted));
  EXPECT_EQ(emitted.text(), expected.text());
}

}  // namespace
}  // namespace sconce::core
