#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/storage/commits/pending_commit.h"

namespace sconce::server::storage {

/// Ends commits that were refused or failed and whose uploads have files: it removes the files, which takes the longer
/// the larger they are, on a thread of its own, and then tells. It goes on with the commit that has the fewest left,
/// file by file, so that a small one does not wait for a large one. Threads: `add` is safe from many.
class RefusedCommits {
 public:
  /// Removes a file of these uploads. Called on this thread.
  using RemoveFile = std::function<void(std::vector<Write>&)>;

  explicit RefusedCommits(RemoveFile remove_file);
  /// Ends those that were added first.
  ~RefusedCommits();
  RefusedCommits(const RefusedCommits&) = delete;
  RefusedCommits& operator=(const RefusedCommits&) = delete;

  void add(PendingCommit commit) noexcept;

 private:
  void run();
  PendingCommit take_smallest();
  bool put_back(PendingCommit& commit) noexcept;

  const RemoveFile remove_file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PendingCommit> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sconce::server::storage
