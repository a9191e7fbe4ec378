// Tars that claim, nest or hide more than they hold.

#include "server/api/batch/tar_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/tar.h"

namespace sconce::server::api {
namespace {

using core::ErrorCode;
using tests::tar_end;
using tests::tar_entry;

constexpr std::size_t kBlockBytes = 512;

/// The tar in pieces of 64 KiB; says how much of it was asked for.
class Pieces final : public BodyReader {
 public:
  explicit Pieces(std::string_view bytes) : bytes_(bytes) {}
  core::Result<std::span<const std::byte>> next() override {
    const std::string_view piece = bytes_.substr(given_, 64 << 10);
    given_ += piece.size();
    return std::as_bytes(std::span(piece));
  }
  std::size_t given() const { return given_; }

 private:
  std::string_view bytes_;
  std::size_t given_ = 0;
};

/// Reads all of it; the number of entries.
core::Result<std::size_t> read(Pieces& pieces) {
  TarReader reader(pieces);
  for (std::size_t count = 0;; ++count) {
    const auto entry = reader.next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) return count;
    while (true) {
      const auto bytes = reader.read();
      if (!bytes) return std::unexpected(bytes.error());
      if (bytes->empty()) break;
    }
  }
}

void expect_refused(const std::string& tar, ErrorCode code, std::string_view says) {
  Pieces pieces(tar);
  const auto count = read(pieces);
  ASSERT_FALSE(count) << says;
  EXPECT_EQ(core::name_of(count.error().code), core::name_of(code)) << core::to_string(count.error());
  EXPECT_NE(core::to_string(count.error()).find(says), std::string::npos) << core::to_string(count.error());
}

std::string padded(std::string bytes) {
  bytes.append((kBlockBytes - bytes.size() % kBlockBytes) % kBlockBytes, '\0');
  return bytes;
}

/// One record of a pax header, with its length in front, which counts itself.
std::string pax_record(const std::string& text) {
  std::size_t size = text.size() + 2;
  while (std::to_string(size).size() + text.size() + 2 != size) size = std::to_string(size).size() + text.size() + 2;
  return std::to_string(size) + ' ' + text + '\n';
}

/// Changes a header, and its checksum.
std::string with(std::string header, std::size_t offset, std::string_view bytes) {
  header.replace(offset, bytes.size(), bytes);
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char byte : header.substr(0, kBlockBytes)) sum += static_cast<unsigned char>(byte);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  header.replace(148, 7, std::string(digits, 7));
  return header;
}

/// An old GNU header of a file with holes, and `blocks` more of its map, each of 21 pieces of no bytes.
std::string sparse_map(std::size_t blocks) {
  std::string header = tar_entry("s", "", 'S');
  header = with(header, 257, std::string_view("ustar  \0", 8));
  header = with(header, 386, "00000000000");
  header = with(header, 398, "00000000000");
  header = with(header, 482, "\1");
  std::string block(kBlockBytes, '\0');
  for (std::size_t i = 0; i < 21; ++i) {
    block.replace(i * 24, 11, "00000000000");
    block.replace(i * 24 + 12, 11, "00000000000");
  }
  block[504] = 1;
  for (std::size_t i = 0; i < blocks; ++i) header += block;
  return header;
}

TEST(TarReader, AMapOfHolesWithoutEndIsRefusedBeforeItIsRead) {
  const std::string tar = sparse_map(100'000);
  Pieces pieces(tar);
  const auto count = read(pieces);
  ASSERT_FALSE(count);
  EXPECT_EQ(core::to_string(count.error()),
            "limit_exceeded: the tar: what stands in front of an entry's bytes is larger than 4194304 bytes");
  EXPECT_LT(pieces.given(), 8U << 20U);
}

TEST(TarReader, HeadersOfHeadersAreBounded) {
  std::string longer = "path=" + std::string(2 << 20, 'p');
  const std::string record = pax_record(longer);
  const std::string name(2 << 20, 'n');
  std::string chain;
  for (int i = 0; i < 1000; ++i) chain += tar_entry("././@LongLink", "n", 'L');
  const std::string file = tar_entry("a", "1\n1\n");
  const auto refused = [&file](const std::string& headers, std::string_view says) {
    expect_refused(file + headers + file + tar_end(), ErrorCode::malformed, says);
  };
  refused(tar_entry("x", record, 'x'), "Special header too large");
  refused(tar_entry("g", record, 'g'), "Special header too large");
  refused(tar_entry("././@LongLink", name, 'L'), "Special header too large");
  refused(tar_entry("././@LongLink", name, 'K'), "Special header too large");
  refused(chain, "Too many special headers");
}

TEST(TarReader, HolesAreRefusedHoweverTheyAreWritten) {
  const std::string file = tar_entry("a", "1\n1\n") + tar_end();
  const auto pax = [&file](const std::string& records) { return tar_entry("x", records, 'x') + file; };
  const std::string names = pax_record("GNU.sparse.name=a") + pax_record("GNU.sparse.realsize=1000000000000");
  expect_refused(sparse_map(0).replace(482, 1, 1, '\0') + tar_end(), ErrorCode::malformed, "");
  expect_refused(pax(pax_record("GNU.sparse.size=1000000000000") + pax_record("GNU.sparse.map=0,2,999999999998,2")),
                 ErrorCode::malformed, "a file with holes");
  expect_refused(pax(names + pax_record("GNU.sparse.major=1") + pax_record("GNU.sparse.minor=0")), ErrorCode::malformed,
                 "");
}

/// What the header of a GNU file says of its size with the holes, beside the size of what the tar holds of it.
TEST(TarReader, ASizeWithHolesIsRefusedInAFileThatListsNone) {
  for (const char type : {'0', 'S'}) {
    std::string entry = with(tar_entry("a", "1\n1\n", type), 257, std::string_view("ustar  \0", 8));
    entry = with(entry, 483, "00000000777");
    expect_refused(entry + tar_end(), ErrorCode::malformed, "a file with holes");
  }
}

TEST(TarReader, SizesThatLie) {
  const std::string header = tar_entry("a", "").substr(0, kBlockBytes);
  const std::string zeros = tar_end();
  const auto sized = [&](std::string_view size) { return with(header, 124, size) + padded("1\n1\n") + zeros; };
  expect_refused(sized("77777777777"), ErrorCode::malformed, "the tar cannot be read");
  expect_refused(sized(std::string_view("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12)), ErrorCode::malformed,
                 "the tar cannot be read");
  expect_refused(sized(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", 12)), ErrorCode::malformed,
                 "");
  expect_refused(tar_entry("x", pax_record("size=9223372036854775807"), 'x') + header + zeros, ErrorCode::malformed,
                 "the tar cannot be read");
}

/// The standard (POSIX, pax: ustar Interchange Format) ends an archive with two blocks of zeros, and GNU tar, bsdtar,
/// Python and Go write both; of one alone GNU tar warns `A lone zero block`. A stream that is cut right after the first
/// looks so. All entries of `tar` itself have come by then, but a program that joins archives, or goes on to write
/// after a block of zeros, has more to send: its reader cannot tell. So the end is where both have come.
TEST(TarReader, ALoneBlockOfZerosIsNotTheEnd) {
  const std::string entries = tar_entry("a", "1\n1\n") + tar_entry("b", "1\n2\n");
  for (const std::size_t zeros : {0U, 512U, 513U, 1023U}) {
    SCOPED_TRACE(zeros);
    expect_refused(entries + std::string(zeros, '\0'), ErrorCode::truncated, "the two blocks of zeros");
  }
  for (const std::size_t zeros : {1U, 511U}) {
    const std::string tar = entries + std::string(zeros, '\0');
    Pieces pieces(tar);
    EXPECT_FALSE(read(pieces)) << zeros;
  }
  expect_refused(entries + std::string(512, '\0') + entries + tar_end(), ErrorCode::truncated,
                 "the two blocks of zeros");
  for (const std::size_t zeros : {1024U, 1025U, 10'240U}) {
    const std::string tar = entries + std::string(zeros, '\0');
    Pieces pieces(tar);
    const auto count = read(pieces);
    ASSERT_TRUE(count) << core::to_string(count.error());
    EXPECT_EQ(*count, 2U);
  }
}

}  // namespace
}  // namespace sconce::server::api
