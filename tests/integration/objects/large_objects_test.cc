// Objects that come and go in pieces: in every format, in bounded memory, refused in the middle, damaged on the disk.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <fstream>

#include "core/bytes/byte_sink.h"
#include "core/graph/transcode.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

void append_int(std::string& bytes, std::int32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
}

void append_long(std::string& bytes, std::int64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(value >> shift);
}

void append_header(std::string& bytes, std::int32_t index, std::string_view class_name) {
  for (const std::int32_t value : {4, index, 3}) append_int(bytes, value);
  bytes += "V 1";
  append_int(bytes, static_cast<std::int32_t>(class_name.size()));
  bytes += class_name;
}

/// A torch.LongStorage 0, 7, 14, … in binary, but for the last element.
std::string long_storage(std::int64_t count, std::int64_t last) {
  std::string bytes;
  append_header(bytes, 1, "torch.LongStorage");
  append_long(bytes, count);
  for (std::int64_t i = 0; i + 1 < count; ++i) append_long(bytes, 7 * i);
  append_long(bytes, last);
  return bytes;
}

std::string transcoded(const std::string& binary, core::Format to) {
  std::string text;
  core::StringSink out(text);
  const auto used = core::transcode(bytes_of(binary), out, {.from = core::Format::binary, .to = to});
  if (!used) throw std::runtime_error(to_string(used.error()));
  return text;
}

class LargeObjectsOverHttp : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  HttpResponse put(const std::string& target, const std::string& body) {
    return send({.method = "PUT", .target = target, .fields = {}, .body = body});
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data", {"--body-bytes-max", "20000000", "--held-bytes-max", "1000000"}};
  const std::string large_ = long_storage(500'000, 1);
};

TEST_F(LargeObjectsOverHttp, ComeAndGoInEveryFormat) {
  for (const auto& [name, format] :
       {std::pair{"binary", core::Format::binary}, {"ascii", core::Format::ascii}, {"b32", core::Format::b32}}) {
    SCOPED_TRACE(name);
    const std::string body = transcoded(large_, format);
    const std::string target = std::string("/v1/objects/") + name;
    EXPECT_EQ(put(target + "?format=" + name, body).status, 201U);
    EXPECT_TRUE(send({.target = target}).body == large_);
    const HttpResponse same = send({.target = "/v1/objects/binary?format=" + std::string(name)});
    EXPECT_TRUE(same.whole);
    EXPECT_TRUE(same.body == body);
  }
}

TEST_F(LargeObjectsOverHttp, TheirFormatIsFound) {
  EXPECT_EQ(put("/v1/objects/a", transcoded(large_, core::Format::ascii)).status, 201U);
  EXPECT_EQ(put("/v1/objects/b", large_).status, 201U);
  EXPECT_TRUE(send({.target = "/v1/objects/a"}).body == large_);
  EXPECT_TRUE(send({.target = "/v1/objects/b"}).body == large_);
}

TEST_F(LargeObjectsOverHttp, AChunkedBodyMayBeLarge) {
  HttpConnection connection(server_.port());
  connection.send("PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  constexpr std::size_t kChunk = 100'000;
  for (std::size_t at = 0; at < large_.size(); at += kChunk) {
    const std::string chunk = large_.substr(at, kChunk);
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", chunk.size());
    connection.send(size.data() + chunk + "\r\n");
  }
  connection.send("0\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 201U);
  EXPECT_TRUE(connection.exchange({.target = "/v1/objects/a"}).body == large_);
}

TEST_F(LargeObjectsOverHttp, AnErrorAtTheEndStoresNothing) {
  struct Row {
    std::string body;
    std::string code;
    std::size_t offset;
  };
  std::string not_a_number = transcoded(large_, core::Format::ascii);
  not_a_number[not_a_number.size() - 2] = 'x';
  const Row rows[] = {{large_.substr(0, large_.size() - 1), "truncated", large_.size() - 1},
                      {large_ + "x", "trailing_bytes", large_.size()},
                      {not_a_number, "malformed", not_a_number.size() - 2}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.code);
    HttpConnection connection(server_.port());
    connection.send("PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", row.body.size());
    connection.send(size.data() + row.body + "\r\n0\r\n\r\n");
    const HttpResponse refused = connection.receive();
    EXPECT_EQ(refused.status, 400U);
    const json problem = json::parse(refused.body);
    EXPECT_EQ(problem.at("code"), row.code) << refused.body;
    EXPECT_EQ(problem.at("offset"), row.offset);
    EXPECT_EQ(send({.target = "/v1/objects/a"}).status, 404U);
  }
}

/// The client is still sending when it is refused.
TEST_F(LargeObjectsOverHttp, AnErrorAtTheBeginIsToldWhileTheBodyComes) {
  HttpConnection connection(server_.port());
  const std::string body = "9\n" + std::string(10'000'000, ' ');
  connection.send(text_of({.method = "PUT", .target = "/v1/objects/a?format=ascii", .fields = {}, .body = body}));
  const HttpResponse refused = connection.receive();
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(json::parse(refused.body).at("offset"), 0U);
  EXPECT_TRUE(connection.ended());
}

TEST_F(LargeObjectsOverHttp, WhatB32CannotSayIsRefusedBeforeTheFirstByte) {
  ASSERT_EQ(put("/v1/objects/a", long_storage(500'000, std::int64_t{1} << 40)).status, 201U);
  const HttpResponse refused = send({.target = "/v1/objects/a?format=b32"});
  EXPECT_EQ(refused.status, 422U);
  EXPECT_EQ(json::parse(refused.body).at("code"), "unrepresentable");
}

TEST_F(LargeObjectsOverHttp, WhatHasToBeHeldIsBounded) {
  ASSERT_EQ(put("/v1/objects/a", large_).status, 201U);
  EXPECT_EQ(send({.target = "/v1/objects/a?referenced=false"}).status, 422U);
  EXPECT_EQ(send({.target = "/v1/objects/a?format=json&style=plain"}).status, 422U);
}

TEST_F(LargeObjectsOverHttp, AreConvertedWithoutBeingHeld) {
  const HttpResponse ascii = send({.method = "POST", .target = "/v1/convert?to=ascii", .fields = {}, .body = large_});
  EXPECT_EQ(ascii.status, 200U);
  EXPECT_TRUE(ascii.body == transcoded(large_, core::Format::ascii));
  const std::string too_large = long_storage(20'000'000 / 8, 1);
  const HttpResponse refused =
      send({.method = "POST", .target = "/v1/convert?to=ascii", .fields = {}, .body = too_large});
  EXPECT_EQ(refused.status, 413U);
}

TEST_F(LargeObjectsOverHttp, HeadSaysTheSizeWhereItIsKnown) {
  ASSERT_EQ(put("/v1/objects/a", large_).status, 201U);
  const std::string target = "/v1/objects/a";
  EXPECT_EQ(send({.method = "HEAD", .target = target}).field("content-length"), std::to_string(large_.size()));
  EXPECT_EQ(send({.method = "HEAD", .target = target + "?format=b32"}).field("content-length"),
            std::to_string(transcoded(large_, core::Format::b32).size()));
  const HttpResponse ascii = send({.method = "HEAD", .target = target + "?format=ascii"});
  EXPECT_EQ(ascii.status, 200U);
  EXPECT_EQ(ascii.field("content-length"), "");
}

/// An HTTP/1.0 client knows no chunks: it reads until the connection ends.
TEST_F(LargeObjectsOverHttp, AnHttp10ClientReadsToTheEnd) {
  ASSERT_EQ(put("/v1/objects/a", large_).status, 201U);
  HttpConnection connection(server_.port());
  connection.send("GET /v1/objects/a?format=ascii HTTP/1.0\r\n\r\n");
  const HttpResponse response = connection.receive();
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.field("transfer-encoding"), "");
  EXPECT_TRUE(connection.receive_to_end() == transcoded(large_, core::Format::ascii));
}

/// Neither all bytes nor a clean end: the client sees that the answer is not whole.
TEST_F(LargeObjectsOverHttp, ADamagedObjectIsNeverWhole) {
  ASSERT_EQ(put("/v1/objects/a", large_).status, 201U);
  std::size_t damaged = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory_.path() / "data" / "packs")) {
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(2'000'000);
    stream.put('x');
    damaged += 1;
  }
  ASSERT_EQ(damaged, 1U);
  for (const char* format : {"binary", "ascii"}) {
    const HttpResponse cut = send({.target = std::string("/v1/objects/a?format=") + format});
    EXPECT_EQ(cut.status, 200U);
    EXPECT_FALSE(cut.whole) << format;
  }
  EXPECT_EQ(send({.target = "/v1/objects/a?format=b32"}).status, 500U);
  EXPECT_EQ(send({.target = "/healthz"}).status, 200U);
}

/// What the process holds of its own, in bytes, at its highest.
std::uint64_t peak_memory_of(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

TEST(MeasuredLargeObjects, MemoryDoesNotGrowWithTheObject) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data");
  const std::string huge = long_storage(16'000'000, 1);  // 128 MB
  const std::uint64_t before = peak_memory_of(server.process());
  ASSERT_GT(before, 0U);
  ASSERT_EQ(http(server.port(), {.method = "PUT", .target = "/v1/objects/a", .fields = {}, .body = huge}).status, 201U);
  EXPECT_TRUE(http(server.port(), {.target = "/v1/objects/a"}).body == huge);
  EXPECT_TRUE(http(server.port(), {.target = "/v1/objects/a?format=b32"}).whole);
  EXPECT_LT(peak_memory_of(server.process()) - before, huge.size() / 4);
}

}  // namespace
}  // namespace sconce::tests
