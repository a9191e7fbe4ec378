#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "server/storage/rocksdb/packs/pack_record.h"

namespace sconce::server::storage {

/// On a large volume.
inline constexpr std::uint64_t kPackBytesMax = 256 << 20;

/// A change of a pack that a commit has written.
struct PackChange {
  PackRecord record;               ///< From now on.
  std::uint32_t committed = 0;     ///< Finished segments that have their record now.
  std::uint32_t unreferenced = 0;  ///< Segments that are garbage now.
};

/// What a process knows of its packs: what the database says of each, who writes to it, and when it may go. Opens and
/// changes no file, but holds those that are written.
///
/// A pack is written by one upload at a time. It may go once no object refers to a segment in it, no finished segment
/// waits for its commit, and all its garbage is dropped.
/// Threads: safe from many; a file, only by who has the pack's lease.
class PackTable {
 public:
  using File = rocksdb::FSRandomRWFile;

  struct Limits {
    std::uint64_t pack_bytes_max = kPackBytesMax;  ///< A pack of that size takes no more segments.
    std::size_t free_files_max = 256;              ///< Open to be written later, so that as many uploads find one each.
  };
  explicit PackTable(const Limits& limits) : limits_(limits) {}

  struct Lease {
    Revision pack;
    std::uint64_t begin = 0;  ///< Where the next segment begins.
    File* file = nullptr;     ///< Lifetime: until the lease ends.
  };
  /// The pack that was written last and is free.
  std::optional<Lease> lease();
  /// A new one, leased. `is_shared`: others may be written to it later.
  Lease add(const Revision& pack, std::unique_ptr<File> file, bool is_shared);
  /// One of an earlier process, to which nothing is written any more.
  void add_sealed(const Revision& pack, const PackRecord& record);

  /// The lease ends with a finished segment, which waits for its commit.
  void finish(const Revision& pack, std::uint64_t end);
  /// The same, and the lease goes on.
  void extend(const Revision& pack, std::uint64_t end);
  // These say whether the pack may go now. Then it takes no more segments, and is to be removed by the caller.

  /// The lease ends as it began.
  [[nodiscard]] bool give_back(const Revision& pack);
  /// The lease ends without a segment, and nothing is to be written to the pack any more.
  [[nodiscard]] bool seal(const Revision& pack);
  /// A finished segment will not be committed.
  [[nodiscard]] bool discard(const Revision& pack);
  /// A garbage segment is gone.
  [[nodiscard]] bool drop_segment(const Revision& pack);
  /// Of one of an earlier process.
  [[nodiscard]] bool is_empty(const Revision& pack);
  /// A pack that was closed need not stay any more.
  [[nodiscard]] bool release(const Revision& pack);

  /// It is removed.
  void remove(const Revision& pack);

  /// Packs to which nobody writes now, and in which something lives.
  std::vector<Revision> at_rest() const;
  /// Whether a pack of that size takes no more segments.
  bool is_full(std::uint64_t bytes) const { return bytes >= limits_.pack_bytes_max; }
  /// Nothing is to be written to the pack any more, and it stays until it is released. False if somebody writes to it
  /// now, or a segment waits for its commit.
  bool close(const Revision& pack);

  PackRecord record_of(const Revision& pack) const;
  /// What the database says now. Threads: who commits.
  void correct(const Revision& pack, const PackRecord& record);
  /// Threads: who commits.
  void commit(const Revision& pack, const PackChange& change);
  /// A segment of a pack of an earlier process is garbage.
  void add_garbage(const Revision& pack);

 private:
  struct Pack {
    PackRecord record;
    std::uint64_t written_end = 0;
    std::uint32_t pending = 0;  // finished segments that wait for their commit
    std::uint32_t garbage = 0;  // segments that are to be dropped
    bool is_leased = false;
    bool is_shared = false;
    bool is_going = false;
    bool is_kept = false;        // until it is released
    std::unique_ptr<File> file;  // while it may be written
  };
  using Packs = std::map<Revision, Pack>;

  static bool is_at_rest(const Pack& pack) { return !pack.is_leased && !pack.is_going && pack.pending == 0; }
  std::unique_ptr<File> rest(Packs::iterator pack);
  [[nodiscard]] bool let_go(Packs::iterator pack);

  const Limits limits_;
  mutable std::mutex mutex_;
  Packs packs_;
  std::vector<Revision> free_;  // those that may be written and are not leased; the last one was written last
};

}  // namespace sconce::server::storage
