#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "tests/support/files.h"

namespace sconce::tests {

/// What a disk would still hold after a power cut: of every file which of its bytes were synced, and of every directory
/// which of its entries. Threads: safe from many.
class SyncLedger {
 public:
  /// A file, whatever its names are.
  struct Node;
  using NodePtr = std::shared_ptr<Node>;

  explicit SyncLedger(std::uint64_t seed) : random_(seed) {}

  // Names. Each is to be told before it is done.
  /// A new file, or an old one without its bytes.
  NodePtr created(const std::string& file);
  NodePtr node_of(const std::string& file);
  void renamed(const std::string& from, const std::string& to);
  void linked(const std::string& from, const std::string& to);
  void removed(const std::string& file);
  void directory_synced(const std::string& directory);
  /// Names that the file has because of this ledger.
  std::uint64_t own_links(const std::string& file);

  // Bytes.
  /// To be told before it is done, since it keeps what is written over.
  void writes(Node& node, std::uint64_t offset, std::uint64_t size);
  void truncates(Node& node, std::uint64_t size);
  std::uint64_t size_of(const Node& node);
  /// Whether there are bytes that were written and not synced.
  bool is_dirty(const Node& node);
  /// The first `size` bytes, all that there were when the sync began.
  void synced(Node& node, std::uint64_t size);
  /// After a sync that failed nobody knows what became of the bytes; that a later one succeeds says nothing of them.
  void sync_failed(Node& node);

  /// Makes the real files what a power cut would leave. Each name whose directory was not synced since it changed is
  /// the old or the new one, also one that was removed. Each page that was not synced, of 512 or 4,096 bytes, is the
  /// new one, or what stood there before: older bytes, zeros, or in a log the bytes of a log that is gone.
  void apply_power_cut();

 private:
  NodePtr node_at(const std::string& file);
  /// `file` changes what it names.
  void bind(const std::string& file, NodePtr node);
  bool may_come_back(const std::string& file, const NodePtr& node) const;
  void keep(Node& node);
  void release_unnamed();
  void find_files();
  std::string bytes_after_power_cut(Node& node, std::uint64_t page_bytes);
  std::uint64_t size_after_power_cut(const Node& node, std::uint64_t page_bytes);

  std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, NodePtr> names_;     // now; of names that are not here nothing has changed
  std::map<std::string, NodePtr> unsynced_;  // names that changed, and what the disk has there; null: nothing
  std::string removed_log_;                  // the bytes of the last one
  const TemporaryDirectory kept_;            // files whose names may come back
  std::uint64_t kept_count_ = 0;
};

}  // namespace sconce::tests
