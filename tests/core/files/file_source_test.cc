#include "core/files/file_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/files.h"
#include "tests/support/open_file.h"

namespace sconce::core {
namespace {

constexpr std::size_t kPiece = FileSource::kPieceBytesMax;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Bytes that differ from one place to the next.
std::string varied(std::size_t size) {
  std::string text;
  for (std::uint32_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  text.resize(size);
  return text;
}

std::string read_all(ByteSource& source, std::uint64_t from, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const auto piece = source.read(from + text.size(), size - text.size());
    if (!piece) return to_string(piece.error());
    EXPECT_FALSE(piece->empty());
    EXPECT_LE(piece->size(), std::min(kPiece, size - text.size()));
    text += text_of(*piece);
  }
  return text;
}

TEST(FileSource, ReadsAnyPlaceOfAFile) {
  const tests::TemporaryDirectory folder;
  const std::string text = varied(3 * kPiece + 5);
  const tests::OpenFile file(folder.write("file", text));
  FileSource source(file.fd(), text.size(), "file");
  EXPECT_EQ(source.size_bytes(), text.size());
  EXPECT_EQ(read_all(source, 0, text.size()), text);
  for (const std::uint64_t from : {text.size() - 1, kPiece + 7, kPiece + 9, kPiece - 3, std::size_t{0}}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{20'000}, kPiece + 1}) {
      const std::string expected = text.substr(from, size);
      EXPECT_EQ(read_all(source, from, expected.size()), expected) << from << ' ' << size;
    }
  }
}

TEST(FileSource, LeavesThePlaceOfTheDescriptor) {
  const tests::TemporaryDirectory folder;
  const tests::OpenFile file(folder.write("file", "abcdef"));
  ASSERT_EQ(::lseek(file.fd(), 2, SEEK_SET), 2);
  FileSource source(file.fd(), 6, "file");
  EXPECT_EQ(read_all(source, 3, 2), "de");
  EXPECT_EQ(::lseek(file.fd(), 0, SEEK_CUR), 2);
}

TEST(FileSource, AFileThatIsCutOffIsAnErrorAtTheByteWhereItEnds) {
  const tests::TemporaryDirectory folder;
  const std::string path = folder.write("file", varied(2 * kPiece));
  const tests::OpenFile file(path);
  FileSource source(file.fd(), 2 * kPiece, "the file");
  ASSERT_TRUE(source.read(0, 1));
  std::filesystem::resize_file(path, kPiece + 10);
  EXPECT_EQ(read_all(source, 0, 2 * kPiece),
            "io_error: cannot read byte 262154 of the file: it ends before that, and had 524288 bytes");
  EXPECT_EQ(read_all(source, 0, kPiece), varied(kPiece)) << "what is there is read all the same";
}

TEST(FileSource, WhatTheSystemRefusesIsAnErrorThatSaysWhy) {
  const tests::TemporaryDirectory folder;
  const tests::OpenFile file(folder.write("file", "abc"), O_WRONLY);
  FileSource source(file.fd(), 3, "the file");
  EXPECT_EQ(read_all(source, 1, 2), "io_error: cannot read byte 1 of the file: Bad file descriptor");
}

}  // namespace
}  // namespace sconce::core
