#include "core/event/root_kind_recorder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/event/null_sink.h"

namespace sconce::core {
namespace {

std::string kind_of(const std::vector<Event>& events) {
  NullSink nowhere;
  RootKindRecorder recorder(nowhere);
  for (const Event& event : events) EXPECT_TRUE(recorder.on(event));
  return std::string(recorder.kind());
}

const event::Instance kInstance{.index = 1, .header = {.version = "V 1", .name = "a.Class"}};
const TensorClass kFloats{ElementType::f32, Device::cpu};

TEST(RootKindRecorder, TellsTheFirstObjectAlone) {
  EXPECT_EQ(kind_of({}), "");
  EXPECT_EQ(kind_of({event::Nil{}}), "nil");
  EXPECT_EQ(kind_of({event::Number{1}}), "number");
  EXPECT_EQ(kind_of({event::Boolean{1}}), "boolean");
  EXPECT_EQ(kind_of({event::String{.size_bytes = 9, .bytes = {}}, event::Bytes{"aaaaaaaaa"}}), "string");
  EXPECT_EQ(kind_of({event::Function{.tag = 8, .index = 1, .size_bytes = 0}, event::Nil{}, event::End{}}), "function");
  EXPECT_EQ(kind_of({event::Table{.index = 1, .count = 1}, event::Number{1}, kInstance, event::Number{2}, event::End{},
                     event::End{}}),
            "table");
}

TEST(RootKindRecorder, TellsATensorFromAnInstanceByTheSecondEvent) {
  EXPECT_EQ(kind_of({kInstance}), "instance");
  EXPECT_EQ(kind_of({kInstance, event::Number{1}, event::End{}}), "instance");
  EXPECT_EQ(kind_of({kInstance, event::Tensor{.tensor_class = kFloats, .sizes = {}, .strides = {}, .offset = 1},
                     kInstance, event::Storage{.tensor_class = kFloats, .count = 0}}),
            "tensor");
  EXPECT_EQ(kind_of({kInstance, event::Storage{.tensor_class = kFloats, .count = 0}}), "storage");
  EXPECT_EQ(kind_of({kInstance, event::Table{.index = 2, .count = 1}, event::Number{1}, kInstance,
                     event::Storage{.tensor_class = kFloats, .count = 0}}),
            "instance");
}

}  // namespace
}  // namespace sconce::core
