#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/cache/hot_objects.h"
#include "server/storage/rocksdb/chunk_conversion.h"
#include "server/storage/rocksdb/pack_compaction.h"
#include "tests/contract/packs/store_with_packs.h"
#include "tests/support/layouts.h"

namespace sconce::tests {

/// The parts of a store that move large objects, with no thread of their own but the sweeper's.
class MovingStore {
 public:
  explicit MovingStore(const fs::path& data, const std::shared_ptr<rocksdb::FileSystem>& files = nullptr)
      : database_(open(data, files)), clock_(*database_->last_revision()) {}
  MovingStore(const MovingStore&) = delete;
  MovingStore& operator=(const MovingStore&) = delete;

  server::storage::RocksdbDatabase& database() { return *database_; }
  server::storage::RevisionClock& clock() { return clock_; }
  server::storage::CommitWriter& writer() { return writer_; }
  server::storage::RocksdbOpener& opener() { return opener_; }
  void drain() { sweeper_.drain(); }
  const std::string& reported() const { return reported_; }

  /// A PUT, or a DELETE if there are no bytes. False if it was not written.
  bool apply(const std::string& key, const std::optional<std::string>& bytes) {
    using namespace server::storage;
    PendingCommit commit;
    if (bytes) {
      auto upload = std::make_unique<RocksdbUpload>(*database_, clock_, 1 << 30, [](const Placement&) {});
      if (!upload->write(std::as_bytes(std::span(*bytes))) || !upload->finish()) return false;
      commit.writes.push_back({.key = key, .condition = {}, .what = Put{std::move(upload)}});
    } else {
      commit.writes.push_back(delete_of(key));
    }
    writer_.apply({&commit, 1});
    return commit.outcome.has_value();
  }

  using GoOn = std::function<bool()>;
  /// All waste there is.
  core::Status compact(const GoOn& go_on = [] { return true; }) {
    return compaction_.run({.begins_percent = 0, .ends_percent = 3, .begins_bytes = 0}, go_on);
  }
  core::Status convert(const GoOn& go_on = [] { return true; }) { return conversion_.run(go_on); }

 private:
  static std::unique_ptr<server::storage::RocksdbDatabase> open(const fs::path& data,
                                                                const std::shared_ptr<rocksdb::FileSystem>& files) {
    auto database = server::storage::RocksdbDatabase::open({.directory = data, .file_system = files});
    if (!database) throw std::runtime_error(to_string(database.error()));
    return std::move(*database);
  }

  std::string reported_;
  const server::storage::Report report_ = [this](const core::Error& error) { reported_ += error.what + '\n'; };
  server::storage::HotObjects hot_{0};
  const std::unique_ptr<server::storage::RocksdbDatabase> database_;
  server::storage::RevisionClock clock_;
  server::storage::GarbageSweeper sweeper_{
      [this](std::span<const server::storage::Placement> garbage) { return database_->drop(garbage); },
      [](const core::Error&) {}};
  server::storage::RevisionPins pins_{[this](const server::storage::Placement& unused) { sweeper_.add({&unused, 1}); }};
  server::storage::CommitWriter writer_{{*database_, clock_, hot_, pins_, sweeper_, report_}};
  server::storage::RocksdbOpener opener_{*database_, pins_};
  server::storage::PackCompaction compaction_{{*database_, clock_, writer_, report_}};
  server::storage::ChunkConversion conversion_{
      {*database_, clock_, opener_, writer_,
       [this](const server::storage::Placement& unused) { sweeper_.add({&unused, 1}); }, report_}};
};

/// A pack of these objects, each its key and numbered bytes; the space of those that are deleted does not come back.
/// Returns the pack.
inline fs::path make_wasteful_pack(const fs::path& data, const std::vector<std::string>& kept,
                                   const std::vector<std::string>& deleted) {
  const fs::path link = data.parent_path() / "second name";  // so no hole is made
  fs::path pack;
  {
    const auto store = open_in(data);
    for (const auto* const keys : {&deleted, &kept}) {
      for (const std::string& key : *keys) commit(*store, put_of(*store, key, key + numbered_bytes(kLargeBytes)));
    }
    for (const auto& file : fs::directory_iterator(data / "packs")) pack = std::max(pack, file.path());  // the newest
    fs::create_hard_link(pack, link);
    for (const std::string& key : deleted) commit(*store, delete_of(key));
  }
  fs::remove(link);
  return pack;
}

}  // namespace sconce::tests
