// Data of an older layout: it is upgraded by the first write, and not by a start.

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
namespace fs = std::filesystem;

constexpr std::uint64_t kLargeBytes = 600'000;  // is stored in a pack

const std::string kAtStart =
    "layout 3 → 5 with the first write: until then the program that wrote the data can still read it";
const std::string kAtWrite = "layout 3 → 5 is done: older programs no longer read the data";

class OlderLayoutTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = open_in(data_);
    commit(*store, put_of(*store, "small", "1"));
    commit(*store, put_of(*store, "large", numbered_bytes(kLargeBytes)));
  }

  void make_older(const std::string& version) { RawDatabase(data_).set_layout(version); }
  std::string layout() { return RawDatabase(data_).layout(); }

  std::unique_ptr<Store> open() {
    auto opened = open_rocksdb_store({.directory = data_, .tell = [this](const std::string& text) {
                                        if (text.find("layout") != std::string::npos) told_.push_back(text);
                                      }});
    if (!opened) throw std::runtime_error(opened.error().what);
    return std::move(*opened);
  }

  const TemporaryDirectory directory_;
  const fs::path data_ = directory_.path() / "data";
  std::vector<std::string> told_;
};

TEST_F(OlderLayoutTest, StaysWhileItIsOnlyRead) {
  make_older("3");
  {
    const auto store = open();
    EXPECT_EQ(content_of(*store, "small"), "1");
    EXPECT_EQ(content_of(*store, "large"), numbered_bytes(kLargeBytes));
  }
  EXPECT_EQ(layout(), "3") << "the older program could be started again";
  EXPECT_EQ(told_, std::vector{kAtStart});
}

/// The sweeper drops an upload that is not committed, as older programs did.
TEST_F(OlderLayoutTest, StaysWhereAnUploadIsGivenUp) {
  make_older("3");
  upload_of(*open(), numbered_bytes(kLargeBytes)).reset();
  EXPECT_EQ(layout(), "3");
}

TEST_F(OlderLayoutTest, StaysWhereWhatWasOverwrittenIsDropped) {
  {
    const auto store = open_in(data_);
    const auto reader = store->open("small");
    ASSERT_TRUE(reader);
    commit(*store, put_of(*store, "small", "2"));
  }
  make_older("3");
  open().reset();
  open().reset();
  EXPECT_EQ(layout(), "3");
}

TEST_F(OlderLayoutTest, IsUpgradedByTheFirstWrite_AndThatIsTold) {
  make_older("3");
  {
    const auto store = open();
    commit(*store, put_of(*store, "new", "2"));
    commit(*store, put_of(*store, "newer", numbered_bytes(kLargeBytes)));
    EXPECT_EQ(content_of(*store, "small"), "1");
  }
  EXPECT_EQ(told_, (std::vector{kAtStart, kAtWrite}));
  EXPECT_EQ(layout(), "5");
  told_.clear();
  EXPECT_EQ(content_of(*open(), "new"), "2");
  EXPECT_EQ(told_, std::vector<std::string>{}) << "what has this program's layout needs no word";
}

TEST_F(OlderLayoutTest, ADeleteIsAWrite) {
  make_older("2");
  commit(*open(), delete_of("small"));
  EXPECT_EQ(layout(), "5");
}

TEST_F(OlderLayoutTest, ALargeObjectIsAWrite) {
  make_older("1");
  {
    const auto store = open();
    commit(*store, put_of(*store, "new", numbered_bytes(kLargeBytes)));
  }
  EXPECT_EQ(layout(), "5");
}

TEST_F(OlderLayoutTest, AConditionThatFailsIsNoWrite) {
  make_older("3");
  {
    const auto store = open();
    EXPECT_FALSE(commit(*store, put_of(*store, "small", "2", {.kind = Condition::Kind::absent})).applied);
  }
  EXPECT_EQ(layout(), "3");
}

/// The record of the upgrade is in the log, sealed as all others are.
TEST_F(OlderLayoutTest, AfterTheUpgradeTheDirectoryIsSound) {
  make_older("3");
  {
    const auto store = open();
    commit(*store, put_of(*store, "new", "2"));
  }
  const auto checked = check_rocksdb_store(
      data_, [](const std::string& where, const core::Error& error) { ADD_FAILURE() << where << ": " << error.what; });
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->objects, 3U);
}

}  // namespace
}  // namespace sconce::tests
