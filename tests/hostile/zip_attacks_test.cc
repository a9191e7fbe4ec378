// Zips that lie, or become more than they are.

#include <gtest/gtest.h>

#include <string>

#include "core/event/null_sink.h"
#include "proto/formats/npz/npz.h"
#include "tests/hostile/zip.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;

constexpr std::uint64_t kElementsMax = std::uint64_t{1} << 40;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// The header of a .npy file of that many bytes.
std::string npy_header(std::uint64_t count) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }\n";
  return std::string("\x93NUMPY\1\0", 8) + ZipWriter::u16(static_cast<std::uint16_t>(header.size())) + header;
}

/// An array of no elements, stored.
ZipEntry small_entry(const std::string& name) {
  const std::string npy = npy_header(0);
  return {.name = name + ".npy", .bytes = npy, .checksum = 0xa44fb2c0, .size_bytes = npy.size()};
}

core::Status read(const std::string& zip) {
  core::NullSink sink;
  core::MemorySource source(std::as_bytes(std::span(zip)));
  return proto::read_npz(source, sink, kElementsMax);
}

void expect_refused(const std::string& zip, ErrorCode code, std::string_view says) {
  const core::Status status = read(zip);
  ASSERT_FALSE(status) << says;
  EXPECT_EQ(core::name_of(status.error().code), core::name_of(code)) << core::to_string(status.error());
  EXPECT_NE(core::to_string(status.error()).find(says), std::string::npos) << core::to_string(status.error());
}

ZipEntry bomb(const std::string& name, std::uint64_t zeros) {
  const std::string header = npy_header(zeros);
  return {.name = name + ".npy",
          .bytes = deflated_zeros(header, zeros),
          .method = ZipEntry::kDeflated,
          .size_bytes = header.size() + zeros};
}

TEST(ZipAttacks, WhatComesOfAZipIsBoundedByItsSize) {
  ZipWriter zip;
  zip.add(bomb("a", 300 * kMiB));
  const std::string file = zip.finish();
  ASSERT_LT(file.size(), 2 * kMiB);
  expect_refused(file, ErrorCode::limit_exceeded, "at a: the npz decompresses to more than 268435456 bytes");
}

TEST(ZipAttacks, WhatAllEntriesBecomeIsBoundedTogether) {
  ZipWriter zip;
  for (const char* name : {"a", "b", "c"}) {
    ZipEntry entry = bomb(name, 100 * kMiB);
    entry.checksum = 0xc218fec2;
    zip.add(entry);
  }
  expect_refused(zip.finish(), ErrorCode::limit_exceeded, "at c: the npz decompresses to more than 268435456 bytes");
}

TEST(ZipAttacks, ADirectoryIsBounded) {
  ZipWriter zip;
  zip.add(small_entry("a"));
  const std::string name(1000, 'n');
  for (int i = 0; i < 17'000; ++i) zip.list(small_entry(name + std::to_string(i)), 0);
  expect_refused(zip.finish(), ErrorCode::limit_exceeded, "its directory is larger than 16777216 bytes");
}

/// Counts the tensors of what is read.
class TensorCount final : public core::EventSink {
 public:
  core::Status on(const core::Event& event) override {
    if (std::holds_alternative<core::event::Tensor>(event)) count_ += 1;
    return {};
  }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

TEST(ZipAttacks, EntriesThatShareTheirBytesAreOne) {
  ZipWriter zip;
  zip.add(small_entry("a"));
  zip.list(small_entry("b"), 0);
  const std::string file = zip.finish();
  TensorCount tensors;
  core::MemorySource source(std::as_bytes(std::span(file)));
  ASSERT_TRUE(proto::read_npz(source, tensors, kElementsMax));
  EXPECT_EQ(tensors.count(), 1U);
}

/// An entry whose sizes stand where they do in files of more than 4 GiB.
ZipEntry large(const std::string& name, std::uint64_t size_bytes) {
  ZipEntry entry = small_entry(name);
  entry.size_bytes = 0xffffffff;
  entry.extra = ZipWriter::u16(1) + ZipWriter::u16(8) + ZipWriter::u64(size_bytes);
  return entry;
}

TEST(ZipAttacks, SizesThatLie) {
  const std::string npy = npy_header(0);
  struct Row {
    const char* what;
    ZipEntry entry;
    ErrorCode code;
    const char* says;
  };
  ZipEntry longer = small_entry("a");
  longer.size_bytes += 1;
  ZipEntry shorter = small_entry("a");
  shorter.size_bytes -= 1;
  ZipEntry deflated = bomb("a", 1000);
  deflated.size_bytes -= 1;
  const Row rows[] = {
      {"a size of 2^63 - 1", large("a", 0x7fffffffffffffff), ErrorCode::malformed, ""},
      {"a size of 2^64 - 1", large("a", 0xffffffffffffffff), ErrorCode::malformed, ""},
      {"a byte more than there is", longer, ErrorCode::malformed, ""},
      {"a byte less than there is", shorter, ErrorCode::malformed, ""},
      {"a byte less than comes out", deflated, ErrorCode::malformed, ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    ZipWriter zip;
    zip.add(row.entry);
    expect_refused(zip.finish(), row.code, row.says);
  }
  ZipWriter right;
  right.add(large("a", npy.size()));
  EXPECT_TRUE(read(right.finish()));
}

}  // namespace
}  // namespace sconce::tests
