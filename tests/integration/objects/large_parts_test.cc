// Parts of objects that are stored in chunks, with more parts than an outline has room for.

#include "server/storage/rocksdb/store.h"
#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

namespace tag = core::tag;

class LargePartsOverHttp : public ServedObjects {
 protected:
  std::string binary(const std::string& key, const std::string& path) { return body_of(key, {{"path", path}}); }
  std::string ascii(const std::string& key, const std::string& path) {
    return body_of(key, {{"path", path}, {"format", "ascii"}});
  }

  static constexpr std::int64_t kMiB = 1 << 20;

  /// The chunks of 256 KiB that `parameters` cost.
  double chunks_read(const Parameters& parameters) {
    const double before = chunks_read_so_far();
    body_of("large", parameters);
    return chunks_read_so_far() - before;
  }

 private:
  double chunks_read_so_far() {
    const std::string text = send({.target = "/metrics"}).body;
    const std::string name = "\nsconce_store_chunks_read_total ";
    return std::stod(text.substr(text.find(name) + name.size()));
  }
};

/// 20,000 entries of about 130 bytes, of which an outline holds 4,096; the 7th stands twice.
std::string many_entries() {
  Wire wire;
  wire.table(1, 2).string("other").table(2, 0).string("entries").table(3, 20'001);
  for (int i = 1; i <= 20'000; ++i) {
    wire.number(i).table(3 + i, 3).string("v").number(i * 2.0).string("pad").string(std::string(50, '.'));
    wire.string("other").again(tag::kTable, 2);
  }
  wire.number(7).string("the last one wins");
  return wire.bytes();
}

TEST_F(LargePartsOverHttp, WhatTheOutlineHasNoRoomForIsFound) {
  put("many", many_entries());
  EXPECT_EQ(ascii("many", "entries[15000].v"), "1\n30000\n");
  EXPECT_EQ(ascii("many", "entries[15000].other"), "3\n1\n0\n");
  EXPECT_EQ(binary("many", "entries[15000]"), Wire()
                                                  .table(1, 3)
                                                  .string("v")
                                                  .number(30'000)
                                                  .string("pad")
                                                  .string(std::string(50, '.'))
                                                  .string("other")
                                                  .table(2, 0)
                                                  .bytes());
  EXPECT_EQ(ascii("many", "entries[20000].v"), "1\n40000\n");
  EXPECT_EQ(ascii("many", "entries[7]"), "2\n17\nthe last one wins\n");
  expect_problem(get("many", {{"path", "entries[20001]"}}), {404, "not_found", "entries", "no part [20001]"});
  expect_problem(get("many", {{"path", "entries[15000].w"}}), {404, "not_found", "entries[15000]", "it has v, "});
}

/// In the store, but without what is kept beside it now.
TEST(LargeParts, AnObjectWithoutADescriptionHasThem) {
  const TemporaryDirectory directory;
  {
    auto store = server::storage::open_rocksdb_store({.directory = directory.path() / "data"});
    ASSERT_TRUE(store) << to_string(store.error());
    auto upload = (*store)->begin_upload(std::nullopt);
    ASSERT_TRUE(upload && (*upload)->write(bytes_of(many_entries())));
    std::vector<server::storage::Write> writes;
    writes.push_back({.key = "many", .condition = {}, .what = server::storage::Put{.upload = std::move(*upload)}});
    ASSERT_TRUE((*store)->commit(std::move(writes)));
  }
  const ServerProcess server(directory.path() / "data");
  const auto part = http(server.port(), {.target = "/v1/objects/many?path=entries%5B15000%5D.v&format=ascii"});
  EXPECT_EQ(part.body, "1\n30000\n");
  const auto outline = http(server.port(), {.target = "/v1/objects/many?view=outline&depth=1"});
  EXPECT_EQ(nlohmann::json::parse(outline.body).size(), 3U);
}

/// A torch.ByteTensor of two dimensions, with a storage of its own.
void add_bytes(Wire& wire, std::int32_t index, std::int64_t rows, std::int64_t columns) {
  wire.instance(index, "torch.ByteTensor").i32(2).i64(rows).i64(columns).i64(columns).i64(1).i64(1);
  wire.instance(index + 1, "torch.ByteStorage").i64(rows * columns);
  std::string elements(static_cast<std::size_t>(rows * columns), '\0');
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<char>(i * 31 % 251);
  wire.raw(elements);
}

TEST_F(LargePartsOverHttp, OnlyTheChunksThatHoldAPartAreLoaded) {
  Wire wire;
  wire.table(1, 3).string("before");
  add_bytes(wire, 2, 31 * kMiB, 1);
  wire.string("wanted");
  add_bytes(wire, 4, 1024, 1024);
  wire.string("matrix");
  add_bytes(wire, 6, 8192, 4096);
  put("large", wire.bytes());
  for (const char* format : {"binary", "npy", "safetensors", "b32"}) {
    EXPECT_LE(chunks_read({{"path", "wanted"}, {"format", format}}), format == std::string("b32") ? 11 : 6) << format;
  }
  EXPECT_LE(chunks_read({{"path", "wanted"}, {"slice", "0"}}), 1);
  EXPECT_LE(chunks_read({{"path", "matrix"}, {"slice", "5000"}}), 2);
  EXPECT_LE(chunks_read({{"path", "matrix"}, {"slice", "100:110,7"}}), 2);
  EXPECT_LE(chunks_read({{"path", "matrix"}, {"slice", "::-4096,0:3"}}), 2);
  EXPECT_LE(chunks_read({{"path", "matrix"}, {"slice", ":,3"}}), 32 * 4 + 1) << "each chunk once";
  EXPECT_EQ(chunks_read({{"view", "outline"}}), 0);
  const std::string row = body_of("large", {{"path", "matrix"}, {"slice", "5000"}, {"format", "npy"}});
  EXPECT_EQ(row.size(), 128U + 4096U);
  EXPECT_EQ(static_cast<unsigned char>(row[128 + 9]), (std::size_t{5000} * 4096 + 9) * 31 % 251);
}

/// Sent as it is made: 1 GiB of elements, and a tensor of 1 MiB behind them.
TEST_F(LargePartsOverHttp, ATensorOutOfAGibibyteCostsItsOwnChunks) {
  Wire head;
  head.table(1, 2).string("before");
  head.instance(2, "torch.ByteTensor").i32(1).i64(1024 * kMiB).i64(1).i64(1);
  head.instance(3, "torch.ByteStorage").i64(1024 * kMiB);
  Wire behind;
  behind.string("wanted");
  add_bytes(behind, 4, 1024, 1024);
  HttpConnection connection(server_.port());
  const std::size_t size = head.bytes().size() + 1024 * kMiB + behind.bytes().size();
  connection.send("PUT /v1/objects/large HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) +
                  "\r\n\r\n" + head.bytes());
  const std::string zeros(kMiB, '\0');
  for (int i = 0; i < 1024; ++i) ASSERT_TRUE(connection.send(zeros));
  connection.send(behind.bytes());
  ASSERT_EQ(connection.receive().status, 201U);
  EXPECT_LE(chunks_read({{"path", "wanted"}}), 6);
  EXPECT_LE(chunks_read({{"path", "wanted"}, {"format", "npy"}}), 6);
  const std::string npy = body_of("large", {{"path", "wanted"}, {"format", "npy"}});
  EXPECT_EQ(npy.size(), 128U + kMiB);
  EXPECT_EQ(static_cast<unsigned char>(npy[128 + 1000]), 1000 * 31 % 251);
}

}  // namespace
}  // namespace sconce::tests
