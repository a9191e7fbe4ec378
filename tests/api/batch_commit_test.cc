// A batch that waits for the disk.

#include "server/api/batch/batch_commit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "server/observe/log.h"
#include "server/observe/metrics.h"
#include "tests/http/forwarding_store.h"
#include "tests/support/tar.h"
#include "tests/support/unlimited_memory.h"

namespace sconce::server::api {
namespace {

/// Its commits are kept until `release` is called.
class HeldStore final : public tests::ForwardingStore {
 public:
  void begin_commit(std::vector<storage::Write> writes, Committed committed) override {
    writes_ = std::move(writes);
    committed_ = std::move(committed);
  }
  void release() { ForwardingStore::begin_commit(std::move(writes_), std::move(committed_)); }

 private:
  std::vector<storage::Write> writes_;
  Committed committed_;
};

class BatchCommitTest : public testing::Test {
 protected:
  HeldStore store_;
  observe::Log log_;
  const observe::Metrics metrics_{store_.counters()};
  const core::ClassLayouts classes_;
  OutlineCache outlines_{1 << 20};
  const std::filesystem::path directory_ = std::filesystem::temp_directory_path();
  tests::UnlimitedMemory memory_;
  const ApiContext context_{.store = store_,
                            .admin = store_,
                            .scratch = store_,
                            .log = log_,
                            .metrics = metrics_,
                            .classes = classes_,
                            .outlines = outlines_,
                            .memory = &memory_,
                            .memory_of_strangers = &memory_,
                            .spool_directory = directory_,
                            .held_bytes_max = 1 << 20,
                            .expanded_bytes_max = 1 << 20,
                            .body_bytes_max = 1 << 20,
                            .batch_entries_max = 10,
                            .require_conditions = false};
  const Access access_{proto::Anonymous::everything};
  const RequestHead head_{.method = "POST", .path = "/v1/batch/commit", .query = {}, .fields = {}};
};

TEST_F(BatchCommitTest, WaitingForTheDiskTakesNoThread) {
  const auto planned = plan_batch_commit(head_, context_, access_.anybody());
  ASSERT_TRUE(planned);
  const std::string tar = tests::tar_entry("a", "1\n3.5\n") + tests::tar_end();
  const auto bytes = std::as_bytes(std::span(tar));
  EXPECT_EQ((*planned)->cost_of(bytes), Cost::write);
  const auto handler = (*planned)->begin(tar.size());
  ASSERT_TRUE(handler);
  ASSERT_TRUE((*handler)->put(bytes));
  ASSERT_TRUE((*handler)->complete());
  ASSERT_TRUE((*handler)->stores());
  bool is_stored = false;
  (*handler)->store([&is_stored] { is_stored = true; });
  EXPECT_FALSE(is_stored) << "it came back, and the commit is under way";
  store_.release();
  EXPECT_TRUE(is_stored);
  EXPECT_EQ((*handler)->finish().status, 200U);
  EXPECT_TRUE(store_.stat("a")->has_value());
}

TEST_F(BatchCommitTest, BodyThatEndsEarlyStoresNothing) {
  const auto planned = plan_batch_commit(head_, context_, access_.anybody());
  ASSERT_TRUE(planned);
  const auto handler = (*planned)->begin(std::nullopt);
  ASSERT_TRUE(handler);
  const std::string tar = tests::tar_entry("a", "1\n3.5\n");  // and no end of the archive
  ASSERT_TRUE((*handler)->put(std::as_bytes(std::span(tar))));
  const auto completed = (*handler)->complete();
  ASSERT_FALSE(completed);
  EXPECT_EQ(completed.error().status, 400U);
}

}  // namespace
}  // namespace sconce::server::api
