#include "core/files/saved_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/files.h"

namespace sconce::tests {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using core::SavedFile;
using core::Status;

Status save(const fs::path& path, const std::string& text) {
  auto file = SavedFile::open(path);
  if (!file) return std::unexpected(file.error());
  if (Status written = file->write(std::as_bytes(std::span(text))); !written) return written;
  return file->commit();
}

class SavedFileTest : public testing::Test {
 protected:
  const TemporaryDirectory directory_;
  const fs::path path_ = directory_.path() / "file";
};

TEST_F(SavedFileTest, KeepsTheLinkAndReplacesWhatItNames) {
  ASSERT_TRUE(save(path_, "old"));
  fs::create_directory(directory_.path() / "folder");
  const fs::path link = directory_.path() / "folder" / "link";
  const fs::path link_to_link = directory_.path() / "link";
  fs::create_symlink("../file", link);
  fs::create_symlink(link, link_to_link);
  ASSERT_TRUE(save(link_to_link, "new"));
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_TRUE(fs::is_symlink(link_to_link));
}

TEST_F(SavedFileTest, MakesTheFileThatALinkNames) {
  fs::create_symlink("file", directory_.path() / "link");
  ASSERT_TRUE(save(directory_.path() / "link", "new"));
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_TRUE(fs::is_symlink(directory_.path() / "link"));
}

TEST_F(SavedFileTest, ALinkToItselfIsAnError) {
  fs::create_symlink("file", path_);
  const Status saved = save(path_, "new");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::io_error);
  EXPECT_NE(saved.error().what.find("cannot follow the link"), std::string::npos) << saved.error().what;
}

TEST_F(SavedFileTest, ADeviceIsWrittenAndStaysOne) {
  ASSERT_TRUE(save("/dev/null", "away"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const Status full = save("/dev/full", "away");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::no_space);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(SavedFileTest, APipeIsWrittenAndStaysOne) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = read_file(path_); });
  EXPECT_TRUE(save(path_, "through the pipe"));
  reader.join();
  EXPECT_EQ(received, "through the pipe");
  EXPECT_TRUE(fs::is_fifo(path_));
}

TEST_F(SavedFileTest, ADirectoryIsAnError) {
  EXPECT_FALSE(save(directory_.path(), "new"));
  EXPECT_TRUE(fs::is_directory(directory_.path()));
}

TEST_F(SavedFileTest, HasTheModeOfANewFileOrOfTheOneThatItReplaces) {
  const mode_t before = ::umask(027);
  ASSERT_TRUE(save(path_, "new"));
  ::umask(before);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0640));
  fs::permissions(path_, fs::perms(0604));
  ASSERT_TRUE(save(path_, "newer"));
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0604));
}

}  // namespace
}  // namespace sconce::tests
