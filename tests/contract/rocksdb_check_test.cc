// What `sconce check --data` finds, and that it changes nothing.

#include <gtest/gtest.h>

#include <stdexcept>

#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/packs/segment.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

constexpr std::size_t kLargeBytes = 2'000'000;

struct CheckOutcome {
  CheckedStore checked;
  std::string where;  // of the damages
};

CheckOutcome check_in(const std::filesystem::path& directory) {
  CheckOutcome outcome;
  const auto found = [&](const std::string& where, const core::Error&) { outcome.where += where + ", "; };
  const auto checked = check_rocksdb_store(directory, found);
  if (!checked) throw std::runtime_error(checked.error().what);
  outcome.checked = *checked;
  return outcome;
}

class CheckedStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = open_in(directory_.path());
    commit(*store, put_of(*store, "large", numbered_bytes(kLargeBytes)));
    commit(*store, put_of(*store, "blob", numbered_bytes(50'000)));
    ASSERT_TRUE(store->compact());
    commit(*store, put_of(*store, "in the log", "1"));
  }

  const TemporaryDirectory directory_;
};

TEST_F(CheckedStoreTest, AGoodOneIsGood) {
  const CheckOutcome outcome = check_in(directory_.path());
  EXPECT_EQ(outcome.where, "");
  EXPECT_EQ(outcome.checked.damages, 0U);
  EXPECT_EQ(outcome.checked.objects, 3U);
  EXPECT_EQ(outcome.checked.bytes, kLargeBytes + 50'001);
}

TEST_F(CheckedStoreTest, IsNotChanged) {
  const std::uint64_t before = bytes_in(directory_.path());
  check_in(directory_.path());
  EXPECT_EQ(bytes_in(directory_.path()), before);
  EXPECT_EQ(content_of(*open_in(directory_.path()), "in the log"), "1");
}

TEST_F(CheckedStoreTest, ADamagedBlobIsNamed) {
  ASSERT_EQ(damage_files(directory_.path(), ".blob", 5'000), 1U);
  EXPECT_EQ(check_in(directory_.path()).where, "the object blob, ");
}

TEST_F(CheckedStoreTest, ADamagedChunkIsNamed) {
  ASSERT_EQ(damage_files(directory_.path(), ".pack", kChunkBytes * 2 + 50'000), 1U);
  const CheckOutcome outcome = check_in(directory_.path());
  EXPECT_EQ(outcome.checked.damages, 1U);
  EXPECT_EQ(outcome.where, "the object large, ");
}

TEST_F(CheckedStoreTest, BytesThatNobodyWroteAreFound) {
  RawDatabase(directory_.path()).replace_object("wrong");
  EXPECT_EQ(check_in(directory_.path()).where, "the object blob, ");
}

/// The next start would take them for garbage.
TEST_F(CheckedStoreTest, AnObjectWhoseUploadIsForgottenIsFound) {
  RawDatabase(directory_.path()).forget_uploads();
  const std::string where = check_in(directory_.path()).where;
  EXPECT_TRUE(where.starts_with("the object large, the pack ")) << where;
}

TEST_F(CheckedStoreTest, OneThatIsInUseIsNotChecked) {
  const auto store = open_in(directory_.path());
  const auto checked = check_rocksdb_store(directory_.path(), [](const std::string&, const core::Error&) {});
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().what.find("another process"), std::string::npos) << checked.error().what;
}

TEST(CheckedStore, ANewerLayoutOrNoneIsRefused) {
  const TemporaryDirectory directory;
  const auto check = [&] {
    return check_rocksdb_store(directory.path(), [](const std::string&, const core::Error&) {}).error();
  };
  EXPECT_EQ(check().code, core::ErrorCode::not_found);
  open_in(directory.path()).reset();
  RawDatabase(directory.path()).set_layout("6");
  EXPECT_EQ(check().what, "the data has layout 6, and this program knows layout 5; use a newer program");
}

}  // namespace
}  // namespace sconce::tests
