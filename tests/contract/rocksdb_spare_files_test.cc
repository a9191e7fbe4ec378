// Table files that go become the files of later uploads.

#include "server/storage/rocksdb/files/spare_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using server::storage::SpareFiles;

/// The system's files, on a disk with as much space as is said.
class RoomyFiles final : public rocksdb::FileSystemWrapper {
 public:
  RoomyFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "RoomyFiles"; }
  rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&, std::uint64_t* bytes,
                                 rocksdb::IODebugContext*) override {
    *bytes = free_bytes;
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    if (reuse_fails) return rocksdb::IOStatus::IOError("too many open files");
    return FileSystemWrapper::ReuseWritableFile(name, old_name, options, file, debug);
  }
  std::uint64_t free_bytes = std::uint64_t{1} << 30;
  bool reuse_fails = false;
};

class SpareFilesTest : public testing::Test {
 protected:
  static ino_t inode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  std::size_t uploads() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(uploads_), {}));
  }
  std::uint64_t bytes_of_uploads() const {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(uploads_)) bytes += file.file_size();
    return bytes;
  }
  bool remove(const std::string& path) { return files_.DeleteFile(path, {}, nullptr).ok(); }
  bool make(const std::string& path) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    return files_.NewWritableFile(path, {}, &file, nullptr).ok() && file->Close({}, nullptr).ok();
  }

  TemporaryDirectory directory_;
  const std::filesystem::path uploads_ = std::filesystem::path(directory_ / "uploads");
  const bool made_ = std::filesystem::create_directory(uploads_);
  const std::shared_ptr<RoomyFiles> disk_ = std::make_shared<RoomyFiles>();
  SpareFiles files_{disk_, uploads_};
};

TEST_F(SpareFilesTest, AFileThatGoesIsTheNextUpload) {
  files_.start();
  const std::string table = directory_.write("000012.sst", "chunks");
  const ino_t inode = inode_of(table);
  ASSERT_TRUE(remove(table));
  EXPECT_FALSE(std::filesystem::exists(table));
  ASSERT_EQ(uploads(), 1U);
  const std::string upload = uploads_ / "upload.sst";
  ASSERT_TRUE(make(upload));
  EXPECT_EQ(inode_of(upload), inode);
  EXPECT_EQ(std::filesystem::file_size(upload), 0U);
  EXPECT_EQ(uploads(), 1U);
}

/// What stood there before is gone when the new bytes are on the disk, be they fewer or more.
TEST_F(SpareFilesTest, OldBytesAreWrittenOver) {
  files_.start();
  for (const std::string bytes : {"new", "the new bytes, more than there were"}) {
    ASSERT_TRUE(remove(directory_.write("000012.sst", "the old bytes")));
    const std::string upload = uploads_ / "upload.sst";
    std::unique_ptr<rocksdb::FSWritableFile> file;
    ASSERT_TRUE(files_.NewWritableFile(upload, {}, &file, nullptr).ok());
    ASSERT_TRUE(file->Append(bytes, {}, nullptr).ok());
    ASSERT_TRUE(file->Sync({}, nullptr).ok());
    EXPECT_EQ(read_file(upload), bytes);
    ASSERT_TRUE(file->Close({}, nullptr).ok());
    EXPECT_EQ(read_file(upload), bytes);
    std::filesystem::remove(upload);
  }
}

TEST_F(SpareFilesTest, SpaceIsGivenBackWhenAskedFor) {
  files_.start();
  ASSERT_TRUE(remove(directory_.write("000012.sst", "chunks")));
  files_.empty_all();
  EXPECT_EQ(bytes_of_uploads(), 0U);
  EXPECT_EQ(uploads(), 1U);
}

TEST_F(SpareFilesTest, SpaceThatNobodyTakesIsGivenBack) {
  files_.start();
  ASSERT_TRUE(remove(directory_.write("000012.sst", "chunks")));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (bytes_of_uploads() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(bytes_of_uploads(), 0U);
}

TEST_F(SpareFilesTest, ALargeFileIsEmptiedAtOnce) {
  files_.start();
  const std::string large = directory_.write("000012.sst", "chunks");
  std::filesystem::resize_file(large, (std::uint64_t{4} << 20) + 1);
  ASSERT_TRUE(remove(large));
  EXPECT_EQ(bytes_of_uploads(), 0U);
  EXPECT_EQ(uploads(), 1U);
}

TEST_F(SpareFilesTest, MoreSpaceThanABoundIsNotKept) {
  files_.start();
  constexpr std::uint64_t kBound = std::uint64_t{256} << 20;
  for (int i = 0; i < 100; ++i) {
    const std::string table = directory_.write(std::to_string(i) + ".sst", "");
    std::filesystem::resize_file(table, std::uint64_t{4} << 20);  // with holes, so that it takes no space
    ASSERT_TRUE(remove(table));
    ASSERT_LE(bytes_of_uploads(), kBound);
  }
  EXPECT_EQ(uploads(), 100U);
}

/// As where the process has no descriptor left.
TEST_F(SpareFilesTest, OneThatCannotBeOpenedIsNotForgotten) {
  files_.start();
  ASSERT_TRUE(remove(directory_.write("000012.sst", "chunks")));
  disk_->reuse_fails = true;
  ASSERT_TRUE(make(uploads_ / "upload.sst"));
  EXPECT_EQ(bytes_of_uploads(), 0U);
  disk_->reuse_fails = false;
  ASSERT_TRUE(make(uploads_ / "another.sst"));
  EXPECT_EQ(uploads(), 2U) << "the spare file is not taken";
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

TEST_F(SpareFilesTest, SpaceThatIsShortIsGivenBackAtOnce) {
  files_.start();
  disk_->free_bytes -= 1;
  ASSERT_TRUE(remove(directory_.write("000012.sst", "chunks")));
  EXPECT_EQ(bytes_of_uploads(), 0U);
  EXPECT_EQ(uploads(), 1U);
}

TEST_F(SpareFilesTest, AnUploadThatFailedIsRemoved) {
  files_.start();
  ASSERT_TRUE(remove(directory_.write("uploads/upload.sst", "what the disk had room for")));
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
