#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes/byte_source.h"
#include "core/error.h"

namespace sconce::server::storage {

using core::Result;
using core::Status;

/// Names one write of one key, for ever: unique, and later writes of a key compare greater.
struct Revision {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const Revision&, const Revision&) = default;
};

/// XXH3-128 of the stored bytes, canonical (big-endian) form.
struct ContentHash {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const ContentHash&, const ContentHash&) = default;
};

/// What the writer of an object says of it, kept as it is.
struct Annotations {
  std::string root_kind;                                           ///< At most 255 bytes.
  std::vector<std::pair<std::string, std::string>> user_metadata;  ///< Each name and value at most 65,535 bytes.
  friend bool operator==(const Annotations&, const Annotations&) = default;
};

/// What is known of a revision without reading its bytes. Times are of the system's clock, in milliseconds.
struct ObjectMeta {
  Revision revision;
  std::uint64_t size_bytes = 0;
  ContentHash content_hash;
  std::chrono::system_clock::time_point created;   ///< When the key came to exist.
  std::chrono::system_clock::time_point modified;  ///< When this revision was written.
  Annotations annotations;
  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

/// What must hold for the key at the moment of the commit. `any` always holds.
struct Condition {
  enum class Kind : std::uint8_t { any, exists, absent, revision_is_one_of, revision_is_none_of };
  Kind kind = Kind::any;
  std::vector<Revision> revisions = {};
};

/// A revision that is open for reading: its bytes stay readable until this goes, whatever is written meanwhile.
/// Threads: calls to one reader are made by one thread at a time.
class RevisionReader : public core::ByteSource {
 public:
  virtual const ObjectMeta& meta() const = 0;
  std::uint64_t size_bytes() const final { return meta().size_bytes; }

  /// Reading all bytes in order also checks them against the content hash, before the last ones are handed out. Errors:
  /// corrupt (the bytes are not what was written), io_error.
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override = 0;

  /// Whether all bytes are in memory, so that reading does not block before `release`.
  virtual bool is_in_memory() const = 0;
  /// What of the revision it keeps in memory, also where a cache has it too: that may drop it, and the reader does not.
  std::uint64_t held_bytes() const override = 0;
  void release() override = 0;

  /// What `Upload::describe` said of them; empty if it said nothing, or the store kept none. Errors: the same.
  virtual Result<std::string> description() = 0;
};

/// Bytes on their way in. Nothing is visible before `Store::commit` takes it; destroyed uncommitted, it leaves nothing.
class Upload {
 public:
  virtual ~Upload() = default;
  /// Appends. An upload holds little of it in memory, however much comes.
  /// Errors: no_space, io_error, limit_exceeded (more than the store takes).
  virtual Status write(std::span<const std::byte> bytes) = 0;
  /// All has been written. Moves what is still in memory to the disk, so that any number of uploads can wait for one
  /// commit; of use only then. Errors: no_space, io_error.
  virtual Status spool() = 0;
  /// All has been written, and this is known of it that reading it all again would tell too. A store need not keep it:
  /// it is of use for large objects, and small ones are read again as fast.
  virtual void describe(std::string description) = 0;
};

struct Put {
  std::unique_ptr<Upload> upload;  // of the same store
  Annotations annotations = {};
};
struct Delete {};
/// Nothing but the write's condition.
struct Check {};

struct Write {
  std::string key;  // see proto/http/object_key.h; the store orders keys by their bytes
  Condition condition;
  std::variant<Put, Delete, Check> what;
};

/// What a commit did. If `applied` is false, a condition did not hold and nothing was written; `failed` is the first
/// such write.
struct CommitOutcome {
  bool applied = true;
  std::size_t failed = 0;
  /// Of the commit as a whole: greater than that of every commit before it, of any key, also before a restart; at least
  /// the revisions of its own writes. Nothing if it changed nothing. A delete that found its key is a change.
  std::optional<Revision> revision = {};
  /// For every write in order: the key's state before it; nothing where the key did not exist.
  std::vector<std::optional<ObjectMeta>> before;
  /// For every write in order: the new state; nothing where the key does not exist now. Empty if not applied.
  std::vector<std::optional<ObjectMeta>> after;
};

/// Which keys to list.
struct ListQuery {
  std::string prefix = {};  ///< Only keys that begin so.
  std::string after = {};   ///< Only what stands behind this name: a key, or a group of the same prefix and delimiter.
  std::string delimiter =
      {};                    ///< If not empty: keys in which it stands behind the prefix are grouped by what is before.
  std::size_t limit = 1000;  ///< Names at the most; at least 1.
};

/// Of the names of one page and their user metadata together; a page that meets it has one name more. Stops one of ten
/// thousand objects with a lot of metadata from taking as many megabytes.
inline constexpr std::size_t kListingBytesMax = 4 << 20;

/// Of the objects that one call opens. Stops those that wait for their turn from taking much memory.
inline constexpr std::uint64_t kReadAheadBytesMax = 1 << 20;

/// Names in the order of their bytes.
struct Listing {
  struct Entry {
    std::string name;                // a key, or what the keys of a group begin with, up to the delimiter
    std::optional<ObjectMeta> meta;  // of a key
  };
  std::vector<Entry> entries;
  bool more = false;  // behind the last one
};

/// Keys and immutable revisions of bytes. What a store keeps in memory is told by `CachedStore`, its state by
/// `StoreAdmin`.
///
/// Durable: what `commit` applied survives a crash of the process and of the machine from the moment it returns.
/// Atomic: the writes of one commit become visible together, and all or none survive a crash.
/// Linearizable: commits have one order, conditions are evaluated in it, and `open` sees every commit that returned
/// before it was called.
/// Lifetime: the store outlives its readers and uploads.
/// Threads: safe from many; one upload, one at a time. All functions may block, so never call them on an I/O thread.
/// Errors, all functions: io_error, no_space, unavailable (nothing is written before a restart); the sentence is for
/// the log, not for clients.
class Store {
 public:
  virtual ~Store() = default;

  /// The current revision of a key, or null if there is none.
  virtual Result<std::unique_ptr<RevisionReader>> open(const std::string& key) = 0;

  /// `open` of each key, in order, as they stand at one moment, in fewer reads than one by one; small objects are read
  /// already, the first of them, up to kReadAheadBytesMax together.
  virtual std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys) = 0;

  /// What is known of the current revision, without opening it; nothing if there is none.
  virtual Result<std::optional<ObjectMeta>> stat(const std::string& key) = 0;

  /// One page of keys, as they stand at one moment: up to the limit, or less where it meets kListingBytesMax. Page
  /// after page, each `after` the last name of the one before, lists every key that exists throughout exactly once,
  /// whatever is written meanwhile.
  virtual Result<Listing> list(const ListQuery& query) = 0;

  /// `size_hint` is the number of bytes that will come, where it is known; fewer or more may. Does not block if it is a
  /// few KiB; nor does writing so few.
  virtual Result<std::unique_ptr<Upload>> begin_upload(std::optional<std::uint64_t> size_hint) = 0;

  /// Receives the outcome of a commit, once. Must not block, and must not throw.
  using Committed = std::move_only_function<void(Result<CommitOutcome>)>;

  /// Applies all writes or, if a condition does not hold, none. A key may occur once. Calls `committed` when they are
  /// durable, or with the reason why they are not: on any thread, also before this returns; not if this throws. Waits
  /// for the disk itself only where an upload has more than a few hundred KiB.
  virtual void begin_commit(std::vector<Write> writes, Committed committed) = 0;

  /// The same, and waits for it.
  Result<CommitOutcome> commit(std::vector<Write> writes);
};

}  // namespace sconce::server::storage
