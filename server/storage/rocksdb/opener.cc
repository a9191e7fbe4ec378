#include "server/storage/rocksdb/opener.h"

#include <iterator>
#include <utility>

#include "server/storage/rocksdb/packs/segment.h"

namespace sconce::server::storage {

namespace {

// Of what is answered from memory at once; beyond, other requests would wait too long for the thread.
constexpr std::uint64_t kInMemoryBytesMax = 2 << 20;
constexpr std::uint64_t kInMemoryChunksMax = kInMemoryBytesMax / kChunkBytes;

/// Those of some readers that are one value each, and where it lies: the first, up to a number of bytes.
struct OneValues {
  std::vector<std::size_t> places;  // of the readers
  std::vector<Placement> placements;
};

OneValues one_values(std::span<const std::unique_ptr<RocksdbReader>> readers, std::uint64_t bytes_max) {
  OneValues of;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (readers[i] == nullptr || !readers[i]->is_value()) continue;
    if (readers[i]->size_bytes() > bytes_max) break;
    bytes_max -= readers[i]->size_bytes();
    of.places.push_back(i);
    of.placements.push_back(readers[i]->placement());
  }
  return of;
}

}  // namespace

Result<std::unique_ptr<RevisionReader>> RocksdbOpener::open(const std::string& key) {
  const RevisionPins::LookupGuard guard(pins_);
  Result<std::optional<StoredObject>> object = database_.object_at(key);
  if (!object) return std::unexpected(std::move(object.error()));
  if (!*object) return nullptr;
  return reader_of(std::move(**object));
}

std::optional<std::unique_ptr<RevisionReader>> RocksdbOpener::open_in_memory(const std::string& key) {
  const RevisionPins::LookupGuard guard(pins_);
  std::optional<std::optional<StoredObject>> object = database_.object_in_memory(key);
  if (!object) return std::nullopt;
  if (!*object) return nullptr;
  if ((*object)->meta.size_bytes > kInMemoryBytesMax) return std::nullopt;
  std::unique_ptr<RocksdbReader> reader = reader_of(std::move(**object));
  if (!load_from_memory(*reader)) return std::nullopt;
  return reader;
}

std::optional<std::vector<std::unique_ptr<RevisionReader>>> RocksdbOpener::open_many_in_memory(
    std::span<const std::string> keys, std::uint64_t bytes_max) {
  std::vector<std::unique_ptr<RocksdbReader>> readers(keys.size());
  const RevisionPins::LookupGuard guard(pins_);
  std::optional<std::vector<std::optional<StoredObject>>> objects = database_.objects_in_memory(keys);
  if (!objects) return std::nullopt;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::optional<StoredObject>& object = (*objects)[i];
    if (!object) continue;
    if (!object->is_value() || object->meta.size_bytes > bytes_max) return std::nullopt;
    bytes_max -= object->meta.size_bytes;
    readers[i] = reader_of(std::move(*object));
  }
  const OneValues of = one_values(readers, UINT64_MAX);
  std::vector<rocksdb::PinnableSlice> values(of.placements.size());
  if (!database_.values_in_memory(of.placements, values)) return std::nullopt;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!readers[of.places[i]]->give_value(std::move(values[i]))) return std::nullopt;
  }
  return std::vector<std::unique_ptr<RevisionReader>>(std::make_move_iterator(readers.begin()),
                                                      std::make_move_iterator(readers.end()));
}

std::vector<Result<std::unique_ptr<RevisionReader>>> RocksdbOpener::open_many(std::span<const std::string> keys) {
  std::vector<std::unique_ptr<RocksdbReader>> opened(keys.size());
  std::vector<Status> failed(keys.size());
  {
    const RevisionPins::LookupGuard guard(pins_);
    std::vector<Result<std::optional<StoredObject>>> objects = database_.objects_at(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!objects[i]) failed[i] = std::unexpected(std::move(objects[i].error()));
      else if (*objects[i]) opened[i] = reader_of(std::move(**objects[i]));
    }
  }
  load_values(opened, failed);
  std::vector<Result<std::unique_ptr<RevisionReader>>> readers;
  readers.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (failed[i]) readers.emplace_back(std::move(opened[i]));
    else readers.emplace_back(std::unexpect, std::move(failed[i].error()));
  }
  return readers;
}

std::unique_ptr<RocksdbReader> RocksdbOpener::reader_of(StoredObject object) {
  std::vector<RevisionPins::Pin> pins = pins_of(pins_, object);
  return std::make_unique<RocksdbReader>(database_, std::move(object), std::move(pins));
}

/// Reads all of it. False: it is not in memory.
bool RocksdbOpener::load_from_memory(RocksdbReader& reader) {
  if (reader.is_value()) {
    rocksdb::PinnableSlice value;
    return database_.value_in_memory(reader.placement(), value) && reader.give_value(std::move(value));
  }
  if (!reader.begins_its_placement() || reader.chunk_count() > kInMemoryChunksMax) return false;
  std::vector<rocksdb::PinnableSlice> chunks(reader.chunk_count());
  return database_.chunks_in_memory(reader.placement(), chunks) && reader.give_chunks(std::move(chunks));
}

/// Reads the values of the first that are one value.
void RocksdbOpener::load_values(std::span<const std::unique_ptr<RocksdbReader>> readers, std::span<Status> failed) {
  const OneValues of = one_values(readers, kReadAheadBytesMax);
  std::vector<rocksdb::PinnableSlice> values(of.placements.size());
  const std::vector<Status> read = database_.values_of(of.placements, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t place = of.places[i];
    failed[place] = read[i] ? readers[place]->give_value(std::move(values[i])) : read[i];
  }
}

}  // namespace sconce::server::storage
