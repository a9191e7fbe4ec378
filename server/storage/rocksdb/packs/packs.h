#pragma once

#include <rocksdb/slice.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "server/storage/rocksdb/packs/chunk_cache.h"
#include "server/storage/rocksdb/packs/open_packs.h"
#include "server/storage/rocksdb/packs/pack_directory.h"
#include "server/storage/rocksdb/packs/pack_table.h"
#include "server/storage/rocksdb/packs/segment.h"

namespace sconce::server::storage {

/// The packs of a store: segments are written to them, read, and dropped. What is in a pack exists only because a
/// record of the database says so.
///
/// Threads: safe from many, but for `load` and `table().commit`. Errors, all functions: io_error, no_space.
class Packs {
 public:
  struct Surroundings {
    std::shared_ptr<rocksdb::FileSystem> files;
    std::filesystem::path directory;
    std::shared_ptr<rocksdb::Cache> cache;
    PackTable::Limits limits;
    std::size_t open_files_max = 256;  ///< To be read.
    /// Told what is wrong, and does not fail anybody. Called from any thread.
    std::function<void(const core::Error&)> report;
  };
  explicit Packs(Surroundings surroundings);

  /// The packs that the database knows, before anything is written: removes others, and what is after their ends.
  /// `garbage`: the pack of each segment that is to be dropped. A pack that is missing, or too short, is reported.
  Status load(const std::map<Revision, PackRecord>& known, std::span<const Revision> garbage);

  /// A place where one upload may write. Ends with a finished segment, or leaves nothing. Threads: one at a time.
  /// Lifetime: the packs outlive it.
  class Place {
   public:
    Place(Packs& packs, const PackTable::Lease& lease) : packs_(&packs), lease_(lease) {}
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();

    const Revision& pack() const { return lease_.pack; }
    /// Of the segment, in the pack.
    std::uint64_t begin() const { return lease_.begin; }
    Status write(std::uint64_t offset, std::string_view bytes);
    /// All that was written is on the disk when it returns.
    Status sync();
    /// What was written becomes a segment that waits for its commit; the next one begins at `end`.
    void finish(std::uint64_t end);
    /// The same, and more can be written. Nothing is to be committed before it is synced.
    void add_segment(std::uint64_t end);
    /// It is sealed instead.
    void leave();
    /// A write or a sync has failed, so nothing more can be written.
    bool has_failed() const { return has_failed_; }

   private:
    Packs* packs_;  // until it ends
    PackTable::Lease lease_;
    std::uint64_t written_end_ = 0;  // 0: nothing was written
    bool has_failed_ = false;
  };
  /// Errors: unavailable, before `load`. `id` names the pack, if it is a new one. `is_large`: it has a pack of its own,
  /// whose space comes back at once.
  Result<Place> place(const Revision& id, bool is_large);

  /// A finished segment that will not be committed.
  void discard(const Segment& segment) noexcept;
  /// A finished segment whose commit failed: whether its record will be found is known once the database is open again.
  void abandon(const Revision& id, const Segment& segment) noexcept;
  /// Discards those of which the database has no record, or one of another place. Errors: those of `is_recorded`; it
  /// goes on at the next call.
  Status discard_abandoned(const std::function<Result<bool>(const Revision&, const Segment&)>& is_recorded);

  /// Gives the space of a garbage segment back. Errors: unavailable, if there is no descriptor; it is to be tried
  /// again. Others are reported: that space comes back with the pack.
  Status free(const Segment& segment);
  /// Its record is deleted. A pack that nobody needs any more is removed.
  void dropped(const Segment& segment);
  /// A pack that was closed may go, if nobody needs it any more.
  void release(const Revision& pack);
  /// Packs that were removed: their records are to be deleted.
  std::vector<Revision> removed();
  /// The records of the first ones are deleted.
  void forget_removed(std::size_t count);

  /// A chunk of a segment, whether or not it is in memory. `keep`: it is likely to be read again soon, and stays in
  /// memory. Errors: corrupt.
  Status read(const Revision& id, const Segment& segment, std::uint64_t number, bool keep,
              rocksdb::PinnableSlice& bytes);
  /// Without waiting for anything. False if it is not in memory.
  bool read_from_memory(const Revision& id, std::uint64_t number, rocksdb::PinnableSlice& bytes) {
    return cache_.find(id, number, bytes);
  }
  Result<std::string> read_description(const Revision& id, const Segment& segment);

  /// The segments whose heads are in a pack, in order, whether or not a record names them. Damaged parts are left out.
  /// Errors: io_error.
  using Look = std::function<void(const Revision& id, const Segment& segment)>;
  Status walk(const Revision& pack, const Look& look);
  std::string path_of(const Revision& pack) const { return directory_.path_of(pack); }
  /// Errors: io_error.
  Result<PackSpace> space_of(const Revision& pack) { return directory_.space_of(pack); }
  /// The packs that are there.
  Result<std::vector<Revision>> list() { return directory_.list(); }

  PackTable& table() { return table_; }

 private:
  struct Abandoned {
    Revision id;
    Segment segment;
  };

  void end(const PackTable::Lease& lease, bool has_more, bool has_failed) noexcept;
  void remove(const Revision& pack) noexcept;
  Status cut(const Revision& pack, const PackRecord& record);
  Result<std::string> read_chunk(const Revision& id, const Segment& segment, std::uint64_t number);

  const std::function<void(const core::Error&)> report_;
  PackDirectory directory_;
  OpenPacks open_;
  ChunkCache cache_;
  PackTable table_;
  std::mutex mutex_;
  std::vector<Revision> removed_;
  std::vector<Abandoned> abandoned_;
  std::atomic<bool> is_loaded_ = false;
};

}  // namespace sconce::server::storage
