// Table files that go become the files of later uploads.

#include "server/storage/rocksdb_spare_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using server::storage::SpareFiles;

class SpareFilesTest : public testing::Test {
 protected:
  static ino_t inode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  std::size_t uploads() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(uploads_), {}));
  }
  bool remove(const std::string& path) { return files_.DeleteFile(path, {}, nullptr).ok(); }
  bool make(const std::string& path) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    return files_.NewWritableFile(path, {}, &file, nullptr).ok() && file->Close({}, nullptr).ok();
  }

  TemporaryDirectory directory_;
  const std::filesystem::path uploads_ = std::filesystem::path(directory_ / "uploads");
  const bool made_ = std::filesystem::create_directory(uploads_);
  SpareFiles files_{rocksdb::FileSystem::Default(), uploads_};
};

TEST_F(SpareFilesTest, AFileThatGoesIsTheNextUploadAndEmpty) {
  files_.start();
  const std::string table = directory_.write("000012.sst", "chunks");
  const ino_t inode = inode_of(table);
  ASSERT_TRUE(remove(table));
  EXPECT_FALSE(std::filesystem::exists(table));
  ASSERT_EQ(uploads(), 1U);
  EXPECT_EQ(std::filesystem::directory_iterator(uploads_)->file_size(), 0U) << "its space is not given back at once";
  const std::string upload = uploads_ / "upload.sst";
  ASSERT_TRUE(make(upload));
  EXPECT_EQ(inode_of(upload), inode);
  EXPECT_EQ(std::filesystem::file_size(upload), 0U);
  EXPECT_EQ(uploads(), 1U);
}

/// As an upload is named when it is taken in.
TEST_F(SpareFilesTest, AFileWithAnotherNameKeepsItsBytes) {
  files_.start();
  const std::string upload = directory_.write("uploads/upload.sst", "chunks");
  const std::string table = directory_ / "000012.sst";
  std::filesystem::create_hard_link(upload, table);
  ASSERT_TRUE(remove(upload));
  EXPECT_EQ(read_file(table), "chunks");
  EXPECT_EQ(uploads(), 0U);
}

TEST_F(SpareFilesTest, WhatGoesBeforeTheStartIsRemoved) {
  const std::string table = directory_.write("000012.sst", "a crash left it");
  ASSERT_TRUE(remove(table));
  EXPECT_FALSE(std::filesystem::exists(table));
  EXPECT_EQ(uploads(), 0U);
}

TEST_F(SpareFilesTest, OnlyTablesAreKeptAndOnlyUploadsMadeOfThem) {
  files_.start();
  ASSERT_TRUE(remove(directory_.write("000013.log", "log")));
  EXPECT_EQ(uploads(), 0U);
  ASSERT_TRUE(remove(directory_.write("000012.sst", "chunks")));
  ASSERT_EQ(uploads(), 1U);
  ASSERT_TRUE(make(directory_ / "000014.sst"));
  EXPECT_EQ(uploads(), 1U);
}

TEST_F(SpareFilesTest, SoManyAreKeptAndNotMore) {
  files_.start();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(remove(directory_.write(std::to_string(i) + ".sst", "chunks")));
  EXPECT_EQ(uploads(), 256U);
}

TEST_F(SpareFilesTest, AFileThatIsNotThereIsAnError) {
  files_.start();
  EXPECT_FALSE(remove(directory_ / "none.sst"));
}

}  // namespace
}  // namespace sconce::tests
