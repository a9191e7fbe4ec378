#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/storage/content_hasher.h"
#include "server/storage/revision_clock.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/packs/segment_writer.h"

namespace sconce::server::storage {

/// An upload that becomes one value, or a segment of a pack once it is larger than one chunk. Holds one chunk in
/// memory. Lifetime: `database` and `clock` are borrowed. Threads: one at a time.
class RocksdbUpload final : public Upload {
 public:
  /// Receives bytes in the store that no key will name. Called from any thread.
  using Discard = std::function<void(const Placement&)>;

  RocksdbUpload(RocksdbDatabase& database, RevisionClock& clock, std::uint64_t bytes_max, Discard discard);
  ~RocksdbUpload() override;
  RocksdbUpload(const RocksdbUpload&) = delete;
  RocksdbUpload& operator=(const RocksdbUpload&) = delete;

  /// So many bytes will come, and go to the disk; 0 if that is not known. Errors: no_space.
  Status announce(std::uint64_t bytes);

  Status write(std::span<const std::byte> bytes) override;
  Status spool() override;
  /// Kept in a segment only.
  void describe(std::string description) override { description_ = std::move(description); }

  /// Nothing more will come; what became a segment is on the disk when it returns.
  Status finish();

  std::uint64_t size_bytes() const { return size_bytes_; }
  /// Once it is finished.
  const ContentHash& content_hash() const { return content_hash_; }
  std::size_t buffered_bytes() const { return buffer_.size(); }
  /// Nothing, unless it became one and is finished.
  const SegmentWriter* segment() const { return segment_.get(); }

  /// Whether what was spooled is there still. Errors: unavailable. Threads: who commits.
  Status check_spooled() const;

  /// Adds to `batch` what makes the bytes an object's, and says where they lie: under `id`, if they are still in
  /// memory. A segment is the caller's to add.
  Placement add_to(rocksdb::WriteBatch& batch, const Revision& id) const;
  /// The batch is written: the bytes on the disk are its.
  void committed() noexcept;
  /// The batch failed, and may be found at the next start.
  void abandoned() noexcept;

  /// Gives the space of the segment back; false where it has no segment. Only for an upload that no batch has.
  bool discard_segment() noexcept;

 private:
  Status add_chunk(std::span<const std::byte> chunk);
  Status begin_segment();
  Status note_shortage(Status written);

  RocksdbDatabase& database_;
  RevisionClock& clock_;
  const std::uint64_t bytes_max_;
  const Discard discard_;
  std::uint64_t size_bytes_ = 0;
  std::optional<ContentHasher> hasher_ = ContentHasher();  // until it is finished
  ContentHash content_hash_;
  std::string description_;
  std::string buffer_;  // what does not fill a chunk yet
  std::uint64_t announced_bytes_ = 0;
  FreeSpace::Room room_;                  // for the segment
  std::optional<FileCount::Share> file_;  // while it is written
  std::unique_ptr<SegmentWriter> segment_;
  std::optional<Placement> spooled_;  // one value, in the store and marked as garbage
  std::uint64_t spooled_in_ = 0;      // the number of the opening
};

/// `put` is of the store on RocksDB.
inline RocksdbUpload& upload_of(const Put& put) { return static_cast<RocksdbUpload&>(*put.upload); }

}  // namespace sconce::server::storage
