#include "server/storage/rocksdb_check.h"

#include <rocksdb/env.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "server/storage/rocksdb_database.h"
#include "server/storage/rocksdb_reader.h"
#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

constexpr std::size_t kReadBytesMax = 1 << 20;

/// Keeps servers away from the directory.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  ~DirectoryLock() {
    if (lock_ != nullptr) rocksdb::Env::Default()->UnlockFile(lock_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  Status take(const std::filesystem::path& directory) {
    // Nobody writes to a file system that is mounted read-only, and no lock can be taken there.
    if (access(directory.c_str(), W_OK) != 0 && errno == EROFS) return {};
    const rocksdb::Status locked = rocksdb::Env::Default()->LockFile((directory / "LOCK").string(), &lock_);
    if (locked.ok()) return {};
    return std::unexpected(error_from(locked, "cannot lock the data; is it in use by another process?"));
  }

 private:
  rocksdb::FileLock* lock_ = nullptr;
};

/// Reads all of it, in order; the reader compares it with its hash.
Status read_whole(RevisionReader& reader) {
  const std::uint64_t size = reader.meta().size_bytes;
  for (std::uint64_t offset = 0; offset < size;) {
    const auto bytes = reader.read(offset, std::min<std::uint64_t>(size - offset, kReadBytesMax));
    if (!bytes) return std::unexpected(bytes.error());
    offset += bytes->size();
  }
  return {};
}

class StoreCheck {
 public:
  using Found = std::function<void(const std::string&, const core::Error&)>;
  StoreCheck(RocksdbDatabase& database, const Found& found) : database_(database), found_(found) {}

  Result<CheckedStore> run() {
    const auto damaged = [this](const std::string& file, const core::Error& error) { damage(file, error); };
    if (Status checked = database_.check_files(damaged); !checked) return std::unexpected(std::move(checked.error()));
    const auto opened = database_.keys();
    if (!opened) return std::unexpected(opened.error());
    KeyCursor& keys = **opened;
    for (keys.seek(""); keys.valid(); keys.next()) {
      const std::string key(keys.key());
      if (const Status checked = check(key); !checked) damage("the object " + key, checked.error());
    }
    if (const Status listed = keys.status(); !listed) damage("the list of keys", listed.error());
    return checked_;
  }

 private:
  Status check(const std::string& key) {
    Result<std::optional<StoredObject>> object = database_.object_at(key);
    if (!object) return std::unexpected(std::move(object.error()));
    if (!*object) return core::fail(core::ErrorCode::corrupt, "it is listed, and not found");
    checked_.objects += 1;
    checked_.bytes += (*object)->meta.size_bytes;
    const Placement placement = (*object)->placement;
    if (Status records = database_.check_records_of(placement); !records) return records;
    RocksdbReader reader(database_, std::move(**object), pins_.pin(placement));
    return read_whole(reader);
  }

  void damage(const std::string& where, const core::Error& error) {
    checked_.damages += 1;
    found_(where, error);
  }

  RocksdbDatabase& database_;
  const Found& found_;
  RevisionPins pins_{[](const Placement&) {}};
  CheckedStore checked_;
};

}  // namespace

Result<CheckedStore> check_rocksdb_store(const std::filesystem::path& directory, const StoreCheck::Found& found) {
  if (!std::filesystem::exists(directory / "CURRENT")) {
    return core::fail(core::ErrorCode::not_found, "there is no store in `" + directory.string() + "`");
  }
  DirectoryLock lock;
  if (Status locked = lock.take(directory); !locked) return std::unexpected(std::move(locked.error()));
  const auto database = RocksdbDatabase::open_read_only(directory);
  if (!database) return std::unexpected(database.error());
  return StoreCheck(**database, found).run();
}

}  // namespace sconce::server::storage
