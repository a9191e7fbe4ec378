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
  EXPECT_EQ(*decode_object(encode_object(object)), object);
  object.placement = {.id = {{7}}, .chunk_bytes = 256 << 10};
  EXPECT_EQ(*decode_object(encode_object(object)), object);
}

TEST(StoredObject, OlderRecordsAreRead) {
  StoredObject object;
  object.meta.revision = {{9}};
  object.meta.size_bytes = 5;
  object.meta.modified = std::chrono::system_clock::time_point(std::chrono::milliseconds(1234));
  object.meta.created = object.meta.modified;
  object.placement = {.id = {{7}}, .chunk_bytes = 1000};
  const std::string record = encode_object(object);
  EXPECT_EQ(*decode_object('\2' + record.substr(1, 56) + '\1' + record.substr(57)), object);
  object.placement = {.id = object.meta.revision};
  EXPECT_EQ(*decode_object('\2' + record.substr(1, 56) + std::string(21, '\0') + record.substr(77)), object);
  EXPECT_EQ(*decode_object('\1' + record.substr(1, 48)), object);
}

TEST(StoredObject, OtherBytesAreRefused) {
  const std::string record = encode_object({});
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_EQ(decode_object(record.substr(0, size)).error().code, core::ErrorCode::corrupt) << size;
  }
  EXPECT_EQ(decode_object(record + 'x').error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(decode_object('\4' + record.substr(1)).error().what,
            "a meta record has version 4, which this program does not know; use a newer one");
}

}  // namespace
}  // namespace sconce::tests
