#include "server/storage/rocksdb/check.h"

#include <algorithm>

#include "core/ascii.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/ownership.h"
#include "server/storage/rocksdb/files/directory_lock.h"
#include "server/storage/rocksdb/reader.h"
#include "server/storage/rocksdb/segment_counts.h"

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
  RocksdbReader reader(database, object, pins_of(pins, object));
  if (Status read = read_all(reader); !read) return read;
  const Result<std::string> description = reader.description();
  return description ? Status() : std::unexpected(description.error());
}

namespace {

std::string hex_of(const Revision& id) {
  std::string hex;
  for (const std::uint8_t byte : id.bytes) core::append_hex(hex, byte);
  return hex;
}

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
    const Status listed = keys.status();
    if (!listed) damage("the list of keys", listed.error());
    const Status counted = listed && are_all_read_ ? check_counts() : Status();
    if (!counted) return std::unexpected(counted.error());
    return checked_;
  }

 private:
  Status check(const std::string& key) {
    Result<std::optional<StoredObject>> object = database_.object_at(key);
    if (!object) {
      are_all_read_ = false;
      return std::unexpected(std::move(object.error()));
    }
    if (!*object) return core::fail(core::ErrorCode::corrupt, "it is listed, and not found");
    checked_.objects += 1;
    checked_.bytes += (*object)->meta.size_bytes;
    for (const Extent& extent : (*object)->extents) counts_.add(extent);
    for (const Extent& extent : (*object)->extents) {
      if (Status records = database_.check_records_of(extent.placement); !records) return records;
    }
    return read_whole_object(database_, **object, pins_);
  }

  Status check_counts() {
    const Result<SegmentCounts::Corrections> wrong = counts_.corrections(database_);
    if (!wrong) return std::unexpected(wrong.error());
    for (const auto& each : wrong->segments) {
      damage("the segment " + hex_of(each.id),
             {.code = core::ErrorCode::corrupt,
              .what = "its record counts " + std::to_string(each.recorded_references) +
                      " extents of objects, and there are " + std::to_string(each.right.references)});
    }
    for (const auto& each : wrong->packs) {
      damage("the pack " + hex_of(each.id),
             {.code = core::ErrorCode::corrupt,
              .what = "its record counts " + std::to_string(each.recorded.live_bytes) + " bytes of objects in " +
                      std::to_string(each.recorded.end_bytes) + ", and there are " +
                      std::to_string(each.right.live_bytes) + " in " + std::to_string(each.right.end_bytes)});
    }
    return {};
  }

  void damage(const std::string& where, const core::Error& error) {
    checked_.damages += 1;
    found_(where, error);
  }

  RocksdbDatabase& database_;
  const Found& found_;
  RevisionPins pins_{[](const Placement&) {}};
  SegmentCounts counts_;
  bool are_all_read_ = true;  // the records of objects, else the counts say nothing
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
