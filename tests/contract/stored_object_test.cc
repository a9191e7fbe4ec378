#include "server/storage/rocksdb/database/stored_object.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using namespace server::storage;

TEST(StoredObject, IsReadBack) {
  StoredObject object;
  object.meta = {.revision = {{1, 2, 3}},
                 .size_bytes = 0x0102030405060708,
                 .content_hash = {{4, 5, 6}},
                 .created = std::chrono::system_clock::time_point(std::chrono::milliseconds(-6)),
                 .modified = std::chrono::system_clock::time_point(std::chrono::milliseconds(-5)),
                 .annotations = {.root_kind = "tensor", .user_metadata = {{"a", "1"}, {"", std::string(300, 'x')}}}};
  for (const Placement::Kind kind : {Placement::Kind::value, Placement::Kind::chunks, Placement::Kind::segment}) {
    object.extents = {{.placement = {.id = {{7}}, .kind = kind}, .size_bytes = object.meta.size_bytes}};
    EXPECT_EQ(*decode_object(encode_object(object)), object);
  }
}

StoredObject in_segments() {
  StoredObject object;
  object.meta.revision = {{1}};
  object.meta.size_bytes = 100;
  object.meta.annotations.root_kind = "table";
  const auto add = [&](const Revision& id, std::uint64_t offset, std::uint64_t size) {
    object.extents.push_back(
        {.placement = {.id = id, .kind = Placement::Kind::segment}, .offset = offset, .size_bytes = size});
  };
  add({{7}}, 0, 20);
  add({{8}}, 10, 20);
  add({{7}}, 20, 60);
  return object;
}

TEST(StoredObject, OfSeveralSegmentsIsReadBack) {
  EXPECT_EQ(*decode_object(encode_object(in_segments())), in_segments());
}

TEST(StoredObject, WhoseExtentsAreNotItsSizeIsRefused) {
  for (const std::uint64_t size : {99U, 101U}) {
    StoredObject object = in_segments();
    object.meta.size_bytes = size;
    EXPECT_EQ(decode_object(encode_object(object)).error().code, core::ErrorCode::corrupt) << size;
  }
}

TEST(StoredObject, WithMoreExtentsThanItsRecordHasRoomForIsRefused) {
  std::string record = encode_object(in_segments());
  record.replace(57, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(decode_object(record).error().code, core::ErrorCode::corrupt);
}

TEST(StoredObject, OlderRecordsAreRead) {
  StoredObject object;
  object.meta.revision = {{9}};
  object.meta.size_bytes = 5;
  object.meta.modified = std::chrono::system_clock::time_point(std::chrono::milliseconds(1234));
  object.meta.created = object.meta.modified;
  object.extents = {{.placement = {.id = {{7}}, .kind = Placement::Kind::chunks}, .size_bytes = 5}};
  const std::string record = encode_object(object);
  EXPECT_EQ(*decode_object('\2' + record.substr(1, 56) + '\1' + record.substr(57)), object);
  object.extents[0].placement = {.id = object.meta.revision};
  EXPECT_EQ(*decode_object('\2' + record.substr(1, 56) + std::string(21, '\0') + record.substr(77)), object);
  EXPECT_EQ(*decode_object('\1' + record.substr(1, 48)), object);
}

TEST(StoredObject, OtherBytesAreRefused) {
  const std::string record = encode_object({.meta = {}, .extents = {{}}});
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_EQ(decode_object(record.substr(0, size)).error().code, core::ErrorCode::corrupt) << size;
  }
  EXPECT_EQ(decode_object(record + 'x').error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(decode_object('\5' + record.substr(1)).error().what,
            "a meta record has version 5, which this program does not know; use a newer one");
}

}  // namespace
}  // namespace sconce::tests
