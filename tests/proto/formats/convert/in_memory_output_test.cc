#include "proto/formats/convert/in_memory_output.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>

#include "core/classes/class_layout.h"
#include "core/outline/source_reader.h"
#include "tests/hostile/wire.h"
#include "tests/support/limited_memory.h"
#include "tests/support/unlimited_memory.h"

namespace sconce::proto {
namespace {

using tests::Wire;

/// What the process has allocated and not given back to the allocator.
std::size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Looks at the memory at the first byte of what is written: all of the object is there.
class FirstByte final : public core::ByteSink {
 public:
  explicit FirstByte(core::MemoryPool& pool) : pool_(pool) {}
  core::Status write(std::span<const std::byte>) override {
    if (!std::exchange(seen_, true)) {
      allocated_ = allocated_bytes();
      taken_ = pool_.taken_bytes();
    }
    return {};
  }
  std::size_t allocated() const { return allocated_; }
  std::uint64_t taken() const { return taken_; }

 private:
  core::MemoryPool& pool_;
  bool seen_ = false;
  std::size_t allocated_ = 0;
  std::uint64_t taken_ = 0;
};

core::Status write_all(const std::string& object, core::ByteSink& out, core::MemoryPool& pool) {
  core::MemorySource source(std::as_bytes(std::span(object)));
  const core::ProducerFactory events = [&](core::EventSink& sink) {
    return std::make_unique<core::SourceReader>(source, 0, sink, core::ReadOptions());
  };
  core::Budget budget(core::Budget::unlimited(), &pool);
  const auto output = in_memory_output(events, ObjectFormat::ascii, out, {.held_bytes_max = UINT64_MAX}, budget);
  while (!output->done()) {
    if (core::Status advanced = output->advance(); !advanced) return advanced;
  }
  return {};
}

struct Shape {
  const char* name;
  std::string object;
};

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const int count : {100, 33'000, 131'000, 140'000}) {
    Wire numbers;
    numbers.table(1, count);
    for (int i = 1; i <= count; ++i) numbers.number(i).number(0.5);
    all.push_back({"numbers", numbers.bytes()});
  }
  constexpr int kCount = 20'000;
  for (const int size : {1, 10, 100, 1000}) {
    Wire strings;
    strings.table(1, kCount);
    Wire storages;
    storages.table(1, kCount);
    for (int i = 1; i <= kCount; ++i) {
      strings.number(i).string(std::string(static_cast<std::size_t>(size), 'x'));
      storages.number(i).byte_storage(i + 1, std::string(static_cast<std::size_t>(size), 'x'));
    }
    all.push_back({"strings", strings.bytes()});
    all.push_back({"storages", storages.bytes()});
  }
  Wire tables;
  tables.table(1, kCount);
  for (int i = 1; i <= kCount; ++i) tables.number(i).table(i + 1, 0);
  all.push_back({"tables", tables.bytes()});
  all.push_back({"elements", Wire().byte_storage(1, std::string(8 << 20, 'x')).bytes()});
  return all;
}

TEST(MeasuredInMemoryOutput, DrawsWhatTheObjectTakes) {
  for (const Shape& shape : shapes()) {
    tests::UnlimitedMemory pool;
    FirstByte out(pool);
    const std::size_t before = allocated_bytes();
    ASSERT_TRUE(write_all(shape.object, out, pool));
    const std::size_t taken = out.allocated() - before;
    EXPECT_LT(taken, out.taken() + 100'000) << shape.name << ' ' << shape.object.size();
    EXPECT_LT(out.taken(), 4 * taken + 200'000) << shape.name << ' ' << shape.object.size();
    EXPECT_EQ(pool.taken_bytes(), 0U) << "and gives it back";
  }
}

TEST(InMemoryOutput, IsRefusedWhereOthersHaveTheMemory) {
  tests::LimitedMemory pool(1 << 20);
  FirstByte out(pool);
  const core::Status refused = write_all(Wire().byte_storage(1, std::string(2 << 20, 'x')).bytes(), out, pool);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::overloaded);
  EXPECT_EQ(pool.taken_bytes(), 0U);
}

}  // namespace
}  // namespace sconce::proto
