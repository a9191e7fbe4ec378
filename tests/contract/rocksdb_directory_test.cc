// Which directories a store takes, and what it leaves alone there.

#include "server/storage/rocksdb/files/data_directory.h"

#include <gtest/gtest.h>

#include <rocksdb/db.h>
#include <sys/stat.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>

#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/repair.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}
namespace fs = std::filesystem;

class DataDirectoryTest : public testing::Test {
 protected:
  Result<std::unique_ptr<StorageEngine>> open() {
    return open_rocksdb_store({.directory = data_, .tell = [this](const std::string& text) { told_ += text + '\n'; }});
  }

  /// It is refused, what is wrong is named, and all is left as it was.
  void expect_refused(const std::string& named) {
    const auto store = open();
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, core::ErrorCode::io_error);
    EXPECT_NE(store.error().what.find(named), std::string::npos) << store.error().what;
    EXPECT_NE(store.error().what.find("no store of Sconce's"), std::string::npos) << store.error().what;
    EXPECT_NE(store.error().what.find("--data"), std::string::npos) << store.error().what;
  }

  unsigned mode() const {
    struct stat about{};
    return ::stat(data_.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
  }

  const TemporaryDirectory directory_;
  const fs::path data_ = directory_.path() / "data";
  std::string told_;
};

TEST_F(DataDirectoryTest, ANewOneIsForItsOwnerAlone) {
  ASSERT_TRUE(open());
  EXPECT_EQ(mode(), 0700U);
  EXPECT_EQ(told_, "");
}

TEST_F(DataDirectoryTest, OneThatOthersMayEnterIsTaken_AndToldOf) {
  fs::create_directories(data_);
  ASSERT_EQ(::chmod(data_.c_str(), 0755), 0);
  ASSERT_TRUE(open());
  EXPECT_EQ(mode(), 0755U);
  EXPECT_NE(told_.find("(mode 0755); `chmod 700`"), std::string::npos) << told_;
  EXPECT_EQ(std::ranges::count(told_, '\n'), 1);
}

TEST_F(DataDirectoryTest, AFreshFileSystemIsTaken) {
  fs::create_directories(data_ / "lost+found");
  ASSERT_TRUE(open());
  ASSERT_TRUE(open()) << "and again";
  EXPECT_TRUE(fs::exists(data_ / "lost+found"));
}

TEST_F(DataDirectoryTest, SomebodyElsesFileIsRefused) {
  fs::create_directories(data_);
  write_file(data_ / "notes.txt", "mine");
  expect_refused("notes.txt");
  EXPECT_EQ(read_file(data_ / "notes.txt"), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(data_), {}), 1);
}

TEST_F(DataDirectoryTest, SomebodyElsesFolderOfUploadsIsRefused) {
  fs::create_directories(data_ / "uploads");
  write_file(data_ / "uploads" / "thesis.txt", "years of work");
  expect_refused("uploads/thesis.txt");
  EXPECT_EQ(read_file(data_ / "uploads" / "thesis.txt"), "years of work");
}

TEST_F(DataDirectoryTest, AnotherProgramsDatabaseIsRefused) {
  for (const char* const family : {"", "theirs"}) {
    fs::remove_all(data_);
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, data_.string(), &opened).ok());
    {
      const std::unique_ptr<rocksdb::DB> db(opened);
      ASSERT_TRUE(db->Put({}, "their key", "their value").ok());
      rocksdb::ColumnFamilyHandle* made = nullptr;
      const bool has_made = *family == '\0' || db->CreateColumnFamily({}, family, &made).ok();
      ASSERT_TRUE(has_made);
      if (made != nullptr) db->DestroyColumnFamilyHandle(made).PermitUncheckedError();
    }
    expect_refused("RocksDB database");
    std::vector<std::string> families;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(options, data_.string(), &families).ok());
    EXPECT_EQ(families.size(), *family == '\0' ? 1U : 2U);
  }
}

/// A database of another program in `directory`: with a family of its own or without, its records in the log or in a
/// file.
void make_anothers(const fs::path& directory, bool with_family, bool flushed) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory.string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  ASSERT_TRUE(db->Put({}, "their key", "their value").ok());
  ASSERT_TRUE(!flushed || db->Flush({}).ok());
  if (!with_family) return;
  rocksdb::ColumnFamilyHandle* made = nullptr;
  ASSERT_TRUE(db->CreateColumnFamily({}, "theirs", &made).ok());
  db->DestroyColumnFamilyHandle(made).PermitUncheckedError();
}

/// Every file, by its path.
std::map<std::string, std::string> contents_of(const fs::path& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    contents[file.path().string()] = file.is_regular_file() ? read_file(file.path()) : "";
  }
  return contents;
}

TEST_F(DataDirectoryTest, InAnotherProgramsDatabaseNoByteChanges) {
  for (const bool with_family : {false, true}) {
    for (const bool flushed : {false, true}) {
      SCOPED_TRACE(testing::Message() << with_family << flushed);
      fs::remove_all(data_);
      make_anothers(data_, with_family, flushed);
      const auto before = contents_of(data_);
      expect_refused("RocksDB database");
      EXPECT_TRUE(contents_of(data_) == before);
    }
  }
}

/// `serve`, `check` and `repair` refuse it, name `named` and the way out, and change nothing there.
void expect_left_alone(const fs::path& data, const std::string& named) {
  const auto before = contents_of(data);
  const auto expect_told = [&](const auto& refused) {
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find(named), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().what.find("no store of Sconce's"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().what.find("name another directory by --data"), std::string::npos) << refused.error().what;
    EXPECT_TRUE(contents_of(data) == before);
  };
  expect_told(open_rocksdb_store({.directory = data}));
  expect_told(check_rocksdb_store(data, [](const std::string&, const core::Error&) {}));
  for (const RepairMode mode : {RepairMode::tell, RepairMode::apply}) {
    expect_told(repair_rocksdb_store(data, mode, [](const RepairFinding&) {}));
  }
}

/// As a copy of the files without it leaves them, or a program that is no RocksDB.
TEST_F(DataDirectoryTest, NoLockIsMadeInADirectoryThatIsRefused) {
  for (const bool with_family : {false, true}) {
    for (const bool flushed : {false, true}) {
      SCOPED_TRACE(testing::Message() << with_family << flushed);
      fs::remove_all(data_);
      make_anothers(data_, with_family, flushed);
      fs::remove(data_ / "LOCK");
      expect_left_alone(data_, "RocksDB database");
    }
  }
}

TEST_F(DataDirectoryTest, AFileCurrentThatIsNotRocksdbsIsRefused) {
  for (const char* const text : {"", "the current issue\n", "MANIFEST-", "MANIFEST-000004\n"}) {
    SCOPED_TRACE(text);
    fs::remove_all(data_);
    fs::create_directories(data_);
    write_file(data_ / "CURRENT", text);
    expect_left_alone(data_, "CURRENT");
  }
}

/// Its order of keys is not ours, so it cannot even be looked into.
TEST_F(DataDirectoryTest, AnotherProgramsDatabaseThatCannotBeReadIsRefused) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.comparator = rocksdb::ReverseBytewiseComparator();
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, data_.string(), &opened).ok());
  delete opened;
  fs::remove(data_ / "LOCK");
  expect_left_alone(data_, "comparator");
}

enum class Records : std::uint8_t { none, one };

/// A database with a second family, and a record in it.
void make_with_family(const fs::path& data, const std::string& family, Records records) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::Open(options, data.string(), {{"default", options}, {family, options}}, &handles, &opened).ok());
  if (records == Records::one) {
    ASSERT_TRUE(opened->Put({}, handles[1], "their key", "their value").ok());
  }
  for (rocksdb::ColumnFamilyHandle* const handle : handles) opened->DestroyColumnFamilyHandle(handle);
  delete opened;
}

TEST_F(DataDirectoryTest, AnotherProgramsFamiliesMayHaveNamesOfOurs) {
  make_with_family(data_, "objects", Records::one);
  fs::remove(data_ / "LOCK");
  expect_left_alone(data_, "RocksDB database");
}

/// As a kill leaves it in the middle of the first start.
TEST_F(DataDirectoryTest, SomeOfAStoresFamiliesWithoutRecordsAreTaken) {
  make_with_family(data_, "meta", Records::none);
  ASSERT_TRUE(open());
}

/// A backup may lack the file LOCK.
TEST_F(DataDirectoryTest, AStoreWithoutALockIsTaken_ANewerOneIsLeftAlone) {
  {
    const auto store = open();
    ASSERT_TRUE(store);
    commit(**store, put_of(**store, "small", "1"));
  }
  fs::remove(data_ / "LOCK");
  ASSERT_TRUE(open());
  RawDatabase(data_).set_layout("6");
  fs::remove(data_ / "LOCK");
  const auto before = contents_of(data_);
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "the data has layout 6, and this program knows layout 5; use a newer program");
  EXPECT_TRUE(contents_of(data_) == before);
}

/// Whether the version is in the log, in a file or beside what only the newer program knows.
TEST_F(DataDirectoryTest, InANewerStoreNoByteChanges) {
  for (const bool flushed : {false, true}) {
    for (const bool with_family : {false, true}) {
      SCOPED_TRACE(testing::Message() << flushed << with_family);
      fs::remove_all(data_);
      {
        const auto store = open();
        ASSERT_TRUE(store);
        commit(**store, put_of(**store, "small", "1"));
        commit(**store, put_of(**store, "large", numbered_bytes(600'000)));
      }
      {
        RawDatabase raw(data_);
        raw.set_layout("6");
        if (flushed) raw.flush();
        if (with_family) raw.add_family("of a newer program");
      }
      const auto before = contents_of(data_);
      const auto refused = open();
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, core::ErrorCode::io_error);
      EXPECT_EQ(refused.error().what, "the data has layout 6, and this program knows layout 5; use a newer program");
      EXPECT_TRUE(contents_of(data_) == before);
    }
  }
}

/// As a kill leaves it in the middle of the first start.
TEST_F(DataDirectoryTest, AFirstStartThatWasCutShortIsTaken) {
  fs::create_directories(data_ / "uploads");
  for (const char* const name : {"LOCK", "IDENTITY", "MANIFEST-000001", "000001.dbtmp", "ballast"})
    write_file(data_ / name, "");
  ASSERT_TRUE(open());
}

TEST_F(DataDirectoryTest, ADatabaseWithoutAnythingIsTaken) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, data_.string(), &opened).ok());
  delete opened;
  ASSERT_TRUE(open());
}

TEST_F(DataDirectoryTest, OfUploadsOnlyWhatAStoreMadeIsRemoved) {
  ASSERT_TRUE(open());
  const fs::path uploads = data_ / "uploads";
  fs::create_directory(uploads);
  const std::vector<std::string> ours = {"0123456789abcdef0123456789abcdef-0.sst",
                                         "0123456789abcdef0123456789abcdef-17.sst", "spare-3"};
  const std::vector<std::string> theirs = {"thesis.txt",
                                           "spare-",
                                           "spare-3.txt",
                                           "spare-x",
                                           "0123456789ABCDEF0123456789abcdef-0.sst",
                                           "0123456789abcdef0123456789abcde-0.sst",
                                           "0123456789abcdef0123456789abcdef-.sst",
                                           "a.sst"};
  for (const auto& names : {ours, theirs}) {
    for (const std::string& name : names) write_file(uploads / name, "x");
  }
  fs::create_directories(uploads / "folder" / "deep");
  ASSERT_TRUE(open());
  for (const std::string& name : ours) EXPECT_FALSE(fs::exists(uploads / name)) << name;
  for (const std::string& name : theirs) EXPECT_TRUE(fs::exists(uploads / name)) << name;
  EXPECT_TRUE(fs::exists(uploads / "folder" / "deep"));
}

TEST_F(DataDirectoryTest, AFileIsNoDirectory) {
  write_file(data_, "a file");
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().what.find("File exists"), std::string::npos) << store.error().what;
  EXPECT_EQ(read_file(data_), "a file");
}

/// Who is root may do everything, so this is tried as another user.
TEST_F(DataDirectoryTest, WhatIsNoDirectoryIsNamed) {
  const auto why = [](const fs::path& data) {
    const auto store = open_rocksdb_store({.directory = data});
    return store ? std::string() : store.error().what;
  };
  const fs::path file = directory_.path() / "file";
  const fs::path link = directory_.path() / "link";
  std::ofstream(file) << "x";
  fs::create_symlink(directory_.path() / "nothing", link);
  EXPECT_EQ(why(""), "--data is empty; name a directory");
  EXPECT_EQ(why(file),
            "cannot create `" + file.string() + "`: File exists; it is not a directory; name another with --data");
  EXPECT_EQ(why(file / "below"),
            "cannot create `" + file.string() + "`: File exists; it is not a directory; name another with --data");
  EXPECT_EQ(why(link),
            "cannot create `" + link.string() +
                "`: File exists; it is a symbolic link that leads to no directory; name another with --data");
}

/// Root may write everything, and so becomes nobody while it lives. No process of its own: RocksDB's threads would be
/// missing there, which ThreadSanitizer does not take.
class WithoutRights {
 public:
  WithoutRights() {
    if (is_root_ && (::setegid(kNobody) != 0 || ::seteuid(kNobody) != 0)) throw std::runtime_error("cannot be nobody");
  }
  ~WithoutRights() {
    if (is_root_ && (::seteuid(0) != 0 || ::setegid(group_) != 0)) std::abort();
  }
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;

 private:
  static constexpr unsigned kNobody = 65534;
  const bool is_root_ = ::geteuid() == 0;
  const gid_t group_ = ::getegid();
};

TEST_F(DataDirectoryTest, OneThatMayNotBeWrittenIsNotSaidToBeInUse) {
  ASSERT_TRUE(open());
  fs::permissions(directory_.path(), fs::perms{0755});
  fs::permissions(data_, fs::perms{0555});
  const auto store = [this] {
    const WithoutRights guard;
    return open();
  }();
  fs::permissions(data_, fs::perms{0755});
  ASSERT_FALSE(store);
  const std::string& what = store.error().what;
  EXPECT_NE(what.find("Permission denied; the user that this runs as"), std::string::npos) << what;
  EXPECT_EQ(what.find("in use"), std::string::npos) << what;
}

TEST_F(DataDirectoryTest, OneThatIsInUseIsSaidToBe) {
  const auto first = open();
  ASSERT_TRUE(first);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("in use by another process"), std::string::npos) << second.error().what;
}

}  // namespace
}  // namespace sconce::tests
