#pragma once

#include <rocksdb/perf_level.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string_view>

#include "server/storage/key_cursor.h"
#include "server/storage/rocksdb/database/instance.h"
#include "server/storage/rocksdb/database/layout.h"
#include "server/storage/rocksdb/database/space.h"
#include "server/storage/rocksdb/database/store_options.h"
#include "server/storage/rocksdb/database/stored_object.h"
#include "server/storage/rocksdb/database/writer_first_mutex.h"
#include "server/storage/rocksdb/files/file_count.h"
#include "server/storage/rocksdb/log/log_files.h"
#include "server/storage/rocksdb/packs/packs.h"
#include "server/storage/store_admin.h"

namespace sconce::server::storage {

/// The open RocksDB and its column families:
///
///   default   `layout` -> the version of this layout, as text; `last` -> the greatest revision so far; `pack` with an
///             id -> pack_record.h
///   meta      key -> stored_object.h
///   objects   id of a placement -> the bytes of a small object, from 4 KiB on in blob files
///   uploads   id of a placement -> segment.h: the bytes of a large object are a segment of a pack. Of a layout before
///             5 nothing: its chunks belong to an object, or to garbage. Chunks without a record are a crash's.
///   garbage   id of a placement -> nothing for one value, the id for chunks, `segment` for a segment: no key names
///             these bytes, and they may still be there
///   chunks    chunk_keys.h -> the bytes of large objects of layouts before 5, and their descriptions
///
/// Threads: safe from many, but for what makes a commit: `recover`, `write_synced` and what adds to a batch are called
/// by one at a time. Errors, all functions: io_error, no_space, unavailable.
class RocksdbDatabase {
 public:
  /// Creates the directory if there is none, and drops what a crash left of uploads. Errors: io_error (no access, in
  /// use by another process, not a Sconce directory, a newer layout), corrupt, no_space.
  /// Where the disk is so full that it cannot be written, it is opened to be read, and `recover` does the rest. `wake`
  /// is called, from any thread, when `keep_space` is to be.
  static Result<std::unique_ptr<RocksdbDatabase>> open(
      const RocksdbStoreOptions& options, std::function<void()> wake = [] {});
  /// Opens what is there and changes nothing; only what reads may then be called. Takes no lock. Errors: the same.
  static Result<std::unique_ptr<RocksdbDatabase>> open_read_only(const std::filesystem::path& directory);
  /// Opens what can be read of a database whose log is damaged, to look at it or, with `read_write`, to leave it so:
  /// records that are whole are read, also those after a damaged part. Drops nothing else that a crash left. Errors:
  /// the same.
  static Result<std::unique_ptr<RocksdbDatabase>> open_damaged(const RocksdbStoreOptions& options,
                                                               RocksdbInstance::Mode mode);
  /// What stood in the log when it was opened.
  const LogProof& log_proof() const { return log_proof_; }
  ~RocksdbDatabase();
  RocksdbDatabase(const RocksdbDatabase&) = delete;
  RocksdbDatabase& operator=(const RocksdbDatabase&) = delete;

  /// After the disk was full, or there were no descriptors: opens the files again once there are, since RocksDB itself
  /// does not come back from that. Does nothing where nothing failed, or more than that: then only a new start helps.
  /// Nor soon after it was of no use. `gives_up_ballast`: what is to be written next does not fit without its space.
  /// Errors: it could not be opened; reads may still be possible.
  Status recover(bool gives_up_ballast = false);
  /// Whether `recover` is to be called before anything can be written.
  bool has_failed();
  /// Whether that is so for a lack of space.
  bool lacks_space();
  /// What can be read and written now. Does not wait for `recover`.
  StoreHealth health();

  /// What may be written.
  FreeSpace& space() { return space_.free(); }
  /// A file beside RocksDB's own. Errors: unavailable, if too many are open.
  Result<FileCount::Share> open_file();
  /// Makes room on a volume that is full. To be called when `Surroundings::wake` is, and again after a second while it
  /// returns true. Threads: one at a time; `stop_compaction` ends it, from any, for good.
  bool keep_space();

  Result<std::optional<StoredObject>> object_at(const std::string& key);

  /// The same of each key, in order.
  std::vector<Result<std::optional<StoredObject>>> objects_at(std::span<const std::string> keys);

  /// Lifetime: short; nothing recovers while a cursor lives.
  Result<std::unique_ptr<KeyCursor>> keys();

  /// The bytes of a small object. Errors: corrupt, also where they are missing.
  Status value_of(const Placement& placement, rocksdb::PinnableSlice& bytes);

  /// `object_at` and `value_of` of what is in memory, without waiting for anything. Nothing, and false, where it is
  /// not, or anything fails.
  std::optional<std::optional<StoredObject>> object_in_memory(const std::string& key);
  bool value_in_memory(const Placement& placement, rocksdb::PinnableSlice& bytes);
  /// `objects_at` and `values_of` likewise. Nothing, and false, if it is so for one of them.
  std::optional<std::vector<std::optional<StoredObject>>> objects_in_memory(std::span<const std::string> keys);
  bool values_in_memory(std::span<const Placement> placements, std::span<rocksdb::PinnableSlice> bytes);

  /// `value_of` each placement, in order. `bytes` has as many.
  std::vector<Status> values_of(std::span<const Placement> placements, std::span<rocksdb::PinnableSlice> bytes);

  /// One chunk of a large one, in chunks. `keep`: it is likely to be read again soon, and stays in the cache. Errors:
  /// the same.
  Status chunk_of(const Placement& placement, std::uint64_t number, bool keep, rocksdb::PinnableSlice& bytes);
  /// The first chunks of a large one, as many as `chunks` has room for, without waiting for anything. False where one
  /// is not in memory, or anything fails.
  bool chunks_in_memory(const Placement& placement, std::span<rocksdb::PinnableSlice> chunks);

  /// The record of a segment; nothing where it has no record. Errors: corrupt.
  Result<std::optional<Segment>> segment_at(const Revision& id);
  /// Errors: corrupt, where it has no record.
  Result<Segment> segment_of(const Placement& placement);
  /// Looks for segments whose records are lost, by their heads in the packs: from now on they are found as if they had
  /// one, without references. Reads a page of each segment. Threads: while nobody else uses the database.
  Status find_lost_segments();
  /// Whether anything may be left in chunks, as layouts before 5 have large objects.
  Result<bool> has_chunks();
  /// Whether what was written is of this layout: a store of an older one is not changed before the first write.
  bool has_newest_layout() const { return layout_.is_newest(); }
  /// All of them. Errors: corrupt.
  Status each_segment(const std::function<void(const Revision&, const Segment&)>& look);
  Packs& packs() { return packs_; }

  /// What the upload of a large one said of it; empty if it said nothing, or had another size. Errors: corrupt.
  Result<std::string> description_of(const Placement& placement, std::uint64_t size_bytes);

  /// The greatest revision that was ever written; zero if there is none.
  Result<Revision> last_revision();

  /// Whether the records around bytes that a key names are right: they are no garbage, and their upload is known, else
  /// the next start would drop them. Errors: corrupt.
  Status check_records_of(const Placement& placement);

  /// Reads every block of the files of records, chunks and keys of small objects, but not of blob files. Tells what is
  /// wrong of each file. Errors: those of reading the list of files.
  struct DamagedFile {
    std::string path;
    bool is_chunks = false;  // of large objects, and of nothing else
    core::Error error;
  };
  Status check_files(const std::function<void(const DamagedFile&)>& found);

  /// Files of small objects that are not there.
  std::vector<std::string> missing_blob_files();

  Result<std::vector<Placement>> garbage();
  Status drop(std::span<const Placement> garbage);

  /// What is recorded of each pack. Errors: corrupt.
  Result<std::map<Revision, PackRecord>> pack_records();

  /// Writes a value, marked as garbage; the next sync makes it durable. Returns the number of this opening: where the
  /// files were opened again since, the value may be lost.
  Result<std::uint64_t> spool(const Placement& placement, std::string_view bytes);
  /// How often the files were opened. Threads: who commits.
  std::uint64_t openings() const { return openings_; }

  void put_object(rocksdb::WriteBatch& batch, const std::string& key, const StoredObject& object);
  /// The greatest one of the batch.
  void put_last_revision(rocksdb::WriteBatch& batch, const Revision& revision);
  void delete_key(rocksdb::WriteBatch& batch, const std::string& key);
  void put_value(rocksdb::WriteBatch& batch, const Placement& placement, std::string_view bytes);
  void keep_spooled(rocksdb::WriteBatch& batch, const Placement& placement);
  void keep_chunks(rocksdb::WriteBatch& batch, const Placement& placement);
  void put_segment(rocksdb::WriteBatch& batch, const Revision& id, const Segment& segment);
  void put_pack(rocksdb::WriteBatch& batch, const Revision& id, const PackRecord& pack);
  void mark_garbage(rocksdb::WriteBatch& batch, const Placement& placement);

  /// Moves of bytes are in table files, so that damage to the log does not lose what was stored long before: where
  /// bytes were is not to be dropped until then.
  Status flush_moves();

  /// Returns when the batch is on the disk.
  Status write_synced(rocksdb::WriteBatch& batch);

  /// Makes the files hold little more than what is in the database: at once, or in steps that fit into what is free.
  /// Ends early, `cut_short`, where `recover` or `stop_compaction` is called meanwhile. One at a time. Errors: no_space
  /// also where a step was left out since it does not fit.
  Result<Compaction> compact();
  /// For good: the next one ends at once.
  void stop_compaction() noexcept;
  bool is_compaction_stopped() const { return compaction_stopped_; }

  /// Counts what is read here; who commits counts the rest.
  StoreCounters& counters() { return counters_; }

 private:
  /// The open files, and that they stay open. Nothing if they could not be opened again. Where anything may
  /// recover, a thread has one at a time.
  class Access {
   public:
    Access(WriterFirstMutex& mutex, const std::unique_ptr<RocksdbInstance>& instance)
        : lock_(mutex), instance_(instance.get()) {}
    /// Nothing also while another opens them again.
    Access(WriterFirstMutex& mutex, const std::unique_ptr<RocksdbInstance>& instance,
           std::try_to_lock_t without_waiting)
        : lock_(mutex, without_waiting), instance_(lock_.owns_lock() ? instance.get() : nullptr) {}
    explicit operator bool() const { return instance_ != nullptr; }
    RocksdbInstance* operator->() const { return instance_; }

   private:
    std::shared_lock<WriterFirstMutex> lock_;
    RocksdbInstance* instance_;
  };
  class Cursor;

  RocksdbDatabase(const RocksdbStoreOptions& options, std::function<void()> wake);
  Packs::Surroundings packs_surroundings(const RocksdbStoreOptions& options);
  Access acquire() {
    stop_counting();
    return {opening_, instance_};
  }
  Access try_acquire() {
    stop_counting();
    return {opening_, instance_, std::try_to_lock};
  }
  /// RocksDB counts each comparison of keys for its thread, which nobody asks for.
  static void stop_counting() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }
  Status open_files(RocksdbInstance::Mode mode, LogFiles::Damaged allowed = LogFiles::Damaged::nothing);
  Status prove_logs(RocksdbInstance::Mode mode, LogFiles::Damaged allowed);
  rocksdb::Status write(RocksdbInstance& instance, const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch);
  Status open_to_write();
  Status open_to_read(bool lacks_space);
  Status reopen_to_write();
  void unlock();
  Status finish_opening();
  bool may_recover();
  Status check_layout_is_known();
  Status empty_uploads_directory();
  Status drop_unknown_uploads();
  Status segment_chunk_of(const Placement& placement, std::uint64_t number, bool keep, rocksdb::PinnableSlice& bytes);
  Status read_where_it_is(const Placement& placement, const std::function<Status(const Segment&)>& read);
  void note_lost_segment(const Revision& id, const Segment& segment);
  bool can_be_read(const Revision& id, const Segment& segment);
  Status load_packs();
  Status discard_abandoned_segments();
  static Status drop_chunks(RocksdbInstance& instance, const std::vector<Revision>& ids);
  Status drop(RocksdbInstance& instance, std::span<const Placement> garbage, std::span<const Segment> segments);
  Result<std::vector<Segment>> segments_of(RocksdbInstance& instance, std::span<const Placement> garbage) const;
  Result<std::optional<Segment>> read_segment(RocksdbInstance& instance, const Revision& id) const;
  static Result<std::map<Revision, PackRecord>> read_packs(RocksdbInstance& instance);
  static Result<std::vector<Placement>> read_garbage(RocksdbInstance& instance);
  Status drop_again();
  void note_written(RocksdbInstance& instance, std::size_t drops_before);
  std::size_t unsynced_drops();
  void forget_drops(std::size_t count);

  StoreCounters counters_;
  const std::filesystem::path directory_;
  const std::filesystem::path uploads_directory_;
  const std::shared_ptr<rocksdb::Logger> log_;
  const std::shared_ptr<LogFiles> logs_;
  const std::unique_ptr<rocksdb::Env> env_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  const std::uint64_t write_buffer_bytes_;
  const rocksdb::Options chunk_file_options_;
  const int tables_open_max_;
  const std::function<void(const core::Error&)> report_;
  const std::function<void()> wake_;
  RocksdbSpace space_;
  FileCount files_open_;
  DataLayout layout_;
  Packs packs_;
  std::atomic<std::uint64_t> drops_ = 0;  // calls of `drop` that had something to drop
  std::uint64_t openings_ = 0;            // changes while nobody has access
  std::mutex unsynced_drops_mutex_;
  std::vector<Placement> unsynced_drops_;          // which what is cut off the log brings back
  std::atomic<bool> compaction_stopped_ = false;   // and none is to begin again
  std::atomic<bool> compaction_canceled_ = false;  // RocksDB looks at it; so does what makes room
  bool has_finished_opening_ = false;
  rocksdb::FileLock* lock_ = nullptr;               // where the files are only read
  std::chrono::steady_clock::time_point retry_at_;  // of `recover`
  std::uint64_t free_at_failure_ = 0;               // with more it is tried at once
  std::chrono::milliseconds retry_pause_{};         // after the next one that is of no use
  WriterFirstMutex opening_;
  std::unique_ptr<RocksdbInstance> instance_;
  LogProof log_proof_;
  std::map<Revision, Segment> lost_segments_;  // that were found
};

}  // namespace sconce::server::storage
