#include "server/net/connection/chunk_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sconce::server::net {
namespace {

/// What came of some bytes, and how many of them that took.
struct Decoded {
  std::string data;
  std::size_t in_bytes = 0;
  bool is_done = false;
  unsigned status = 0;  // 0: nothing was wrong
};

/// Cut at `cut`, into room for `room` bytes at a time.
Decoded decode(std::string_view in, std::size_t cut, std::size_t room, std::uint64_t body_bytes_max = 1000) {
  ChunkDecoder decoder(body_bytes_max);
  Decoded decoded;
  for (const std::string_view part : {in.substr(0, cut), in.substr(cut)}) {
    std::string_view left = part;
    while (!left.empty() && !decoder.is_done()) {
      std::string out(room, '\0');
      const auto taken = decoder.take(left, std::as_writable_bytes(std::span(out)));
      if (!taken) {
        decoded.status = taken.error().status;
        return decoded;
      }
      decoded.data += out.substr(0, taken->out_bytes);
      decoded.in_bytes += taken->in_bytes;
      left.remove_prefix(taken->in_bytes);
    }
  }
  decoded.is_done = decoder.is_done();
  return decoded;
}

TEST(ChunkDecoder, GivesTheDataWhereverItIsCut) {
  const std::string body = "3\r\nabc\r\n0A ; a=b;c = \"d\\\"\" \t;e\r\n0123456789\r\n00;f\r\nX-A: b\r\nX-B:\r\n\r\n";
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    for (const std::size_t room : {1U, 2U, 5U, 100U}) {
      const Decoded decoded = decode(body + "behind", cut, room);
      ASSERT_EQ(decoded.status, 0U) << cut;
      ASSERT_EQ(decoded.data, "abc0123456789") << cut << ' ' << room;
      ASSERT_TRUE(decoded.is_done) << cut;
      ASSERT_EQ(decoded.in_bytes, body.size()) << cut;
    }
  }
}

TEST(ChunkDecoder, AsksForMoreUpToItsLastByte) {
  const std::string_view body = "3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Decoded decoded = decode(body.substr(0, size), 0, 100);
    EXPECT_EQ(decoded.status, 0U) << size;
    EXPECT_FALSE(decoded.is_done) << size;
    EXPECT_EQ(decoded.in_bytes, size);
  }
}

/// The byte behind `good` is the first that cannot stand there: without it more is asked for, with it, it is refused.
TEST(ChunkDecoder, IsRefusedAtTheFirstByteThatIsWrong) {
  struct Row {
    std::string good;
    std::string wrong;
  };
  const std::string nul(1, '\0');
  const std::vector<Row> rows = {
      {"", "\r"},
      {"", "g"},
      {"", " "},
      {"", "-"},
      {"", ";"},
      {"5", "\n"},
      {"5", "x"},
      {"5", "g"},
      {"5\r", "\r"},
      {"5\r", "x"},
      {"5 ", "\r"},
      {"5 ", "5"},
      {"1000000000000000", "0"},
      {"5;", "\r"},
      {"5; ", "\r"},
      {"5;", ";"},
      {"5;", "\n"},
      {"5;a", "\n"},
      {"5;a", "\""},
      {"5;a ", "b"},
      {"5;a ", "\r"},
      {"5;a=", "\r"},
      {"5;a=", ";"},
      {"5;a= ", "\r"},
      {"5;a=b", "\n"},
      {"5;a=b ", "\r"},
      {"5;a=\"b", "\r"},
      {"5;a=\"b", "\n"},
      {"5;a=\"b", nul},
      {"5;a=\"b", "\x7f"},
      {"5;a=\"b\\", "\r"},
      {"5;a=\"b\"", "c"},
      {"5;a=\"b\"", "\n"},
      {"0;a=\"b", "\r"},
      {"0;a=\"", "\n"},
      {"1\r\na", "b"},
      {"1\r\na", "\n"},
      {"1\r\na\r", "\r"},
      {"1\r\na\r", "0"},
      {"0\r\n", "\n"},
      {"0\r\n", " "},
      {"0\r\n", "\t"},
      {"0\r\n", ":"},
      {"0\r\n", nul},
      {"0\r\n\r", "\r"},
      {"0\r\n\r", "x"},
      {"0\r\nX", "\r"},
      {"0\r\nX", "\n"},
      {"0\r\nX", " "},
      {"0\r\nX: y", "\n"},
      {"0\r\nX: y", nul},
      {"0\r\nX: y\r", "\r"},
      {"0\r\nX: y\r", " "},
      {"0\r\nX: y\r\n", " "},
      {"0\r\nX: y\r\n", "\n"},
      {"0\r\nContent-Length", ":"},
      {"0\r\ntransfer-ENCODING", ":"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(decode(row.good, 0, 100).status, 0U) << row.good;
    EXPECT_EQ(decode(row.good + row.wrong, 0, 100).status, 400U) << row.good << " then " << row.wrong;
    for (std::size_t cut = 0; cut <= row.good.size(); ++cut) {
      EXPECT_EQ(decode(row.good + row.wrong, cut, 1).status, 400U) << row.good << " then " << row.wrong << cut;
    }
  }
}

TEST(ChunkDecoder, SaysWhatIsWrongAndWhere) {
  ChunkDecoder decoder(1000);
  std::string out(10, '\0');
  const auto taken = decoder.take("3\r\nabc\r\n5;a=\"b\r\n", std::as_writable_bytes(std::span(out)));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "bad_request");
  EXPECT_EQ(
      taken.error().detail,
      "the chunks of the body: a quote of an extension that is open where its line ends, or a control byte in it, "
      "at byte 14");
}

TEST(ChunkDecoder, DataBeyondTheLimitIsRefusedWhenItIsAnnounced) {
  EXPECT_EQ(decode("3e8\r\n", 0, 1).status, 0U);
  EXPECT_EQ(decode("3e9\r\n", 0, 1).status, 413U);
  EXPECT_EQ(decode("3e7\r\n" + std::string(999, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n", 0, 100).status, 0U);
  EXPECT_EQ(decode("3e7\r\n" + std::string(999, 'x') + "\r\n2\r\n", 0, 100).status, 413U);
  EXPECT_EQ(decode("1\r\nx\r\nffffffffffffffff\r\n", 0, 100).status, 413U);
}

TEST(ChunkDecoder, WhatStandsBetweenDataHasALimit) {
  const auto with = [](std::size_t bytes) { return "0\r\nX:" + std::string(bytes - 9, 'x') + "\r\n\r\n"; };
  EXPECT_TRUE(decode(with(ChunkDecoder::kFramingBytesMax), 0, 1).is_done);
  EXPECT_EQ(decode(with(ChunkDecoder::kFramingBytesMax + 1), 0, 1).status, 431U);
  EXPECT_EQ(decode(std::string(ChunkDecoder::kFramingBytesMax + 1, '0'), 0, 1).status, 431U);
  const std::string one_byte = "1;" + std::string(10'000, 'x') + "\r\na\r\n";
  EXPECT_EQ(decode(one_byte, 0, 1).status, 0U);
  EXPECT_EQ(decode(one_byte + one_byte, 0, 1).status, 400U);
}

TEST(ChunkDecoder, DataMayGoElsewhere) {
  ChunkDecoder decoder(1000);
  std::string out(2, '\0');
  const auto begun = decoder.take("5\r\nab", std::as_writable_bytes(std::span(out)));
  ASSERT_TRUE(begun);
  EXPECT_EQ(decoder.data_bytes_left(), 3U);
  decoder.data_taken(3);
  EXPECT_EQ(decoder.data_bytes_left(), 0U);
  ASSERT_TRUE(decoder.take("\r\n0\r\n\r\n", {}));
  EXPECT_TRUE(decoder.is_done());
}

}  // namespace
}  // namespace sconce::server::net
