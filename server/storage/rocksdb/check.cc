#include "server/storage/rocksdb/check.h"

#include <algorithm>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/ownership.h"
#include "server/storage/rocksdb/files/directory_lock.h"
#include "server/storage/rocksdb/reader.h"

namespace sconce::server::storage {

namespace {

constexpr std::size_t kReadBytesMax = 1 << 20;

/// In order; the reader compares it with its hash.
Status read_all(RevisionReader& reader) {
  const std::uint64_t size = reader.meta().size_bytes;
  for (std::uint64_t offset = 0; offset < size;) {
    const auto bytes = reader.read(offset, std::min<std::uint64_t>(size - offset, kReadBytesMax));
    if (!bytes) return std::unexpected(bytes.error());
    offset += bytes->size();
  }
  return {};
}

}  // namespace

Status read_whole_object(RocksdbDatabase& database, const StoredObject& object, RevisionPins& pins) {
  RocksdbReader reader(database, object, pins.pin(object.placement));
  return read_all(reader);
}

namespace {

class StoreCheck {
 public:
  using Found = std::function<void(const std::string&, const core::Error&)>;
  StoreCheck(RocksdbDatabase& database, const Found& found) : database_(database), found_(found) {}

  Result<CheckedStore> run() {
    const auto damaged = [this](const RocksdbDatabase::DamagedFile& file) { damage(file.path, file.error); };
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
    return read_whole_object(database_, **object, pins_);
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
  if (Status ours = check_ownership(*rocksdb::Env::Default(), directory); !ours) {
    return std::unexpected(std::move(ours.error()));
  }
  DirectoryLock lock;
  if (Status locked = lock.take(directory); !locked) return std::unexpected(std::move(locked.error()));
  const auto database = RocksdbDatabase::open_read_only(directory);
  if (!database) return std::unexpected(database.error());
  Result<CheckedStore> checked = StoreCheck(**database, found).run();
  if (checked) checked->unwritten_bytes = (*database)->log_proof().tail_bytes;
  return checked;
}

}  // namespace sconce::server::storage
