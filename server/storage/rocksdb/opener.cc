#include "server/storage/rocksdb/opener.h"

#include <numeric>
#include <utility>

#include "server/storage/rocksdb/database/chunk_files.h"

namespace sconce::server::storage {

namespace {

// Of what is answered from memory at once; beyond, other requests would wait too long for the thread.
constexpr std::uint64_t kInMemoryBytesMax = 2 << 20;
constexpr std::uint64_t kInMemoryChunksMax = kInMemoryBytesMax / kChunkBytes;

/// Those of some readers that are one value each, and where it lies.
struct OneValues {
  std::vector<std::size_t> places;  // of the readers
  std::vector<Placement> placements;
};

OneValues one_values(std::span<const std::unique_ptr<RocksdbReader>> readers) {
  OneValues of;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (readers[i] == nullptr || readers[i]->placement().in_chunks()) continue;
    of.places.push_back(i);
    of.placements.push_back(readers[i]->placement());
  }
  return of;
}

}  // namespace

Result<std::unique_ptr<RevisionReader>> RocksdbOpener::open(const std::string& key) {
  const RevisionPins::Look look(pins_);
  Result<std::optional<StoredObject>> object = database_.object_at(key);
  if (!object) return std::unexpected(std::move(object.error()));
  if (!*object) return nullptr;
  return reader_of(std::move(**object));
}

std::optional<std::unique_ptr<RevisionReader>> RocksdbOpener::open_in_memory(const std::string& key) {
  if (auto hot = hot_.open(key)) return hot;
  const HotObjects::Stamp stamp = hot_.stamp(key);
  const RevisionPins::Look look(pins_);
  std::optional<std::optional<StoredObject>> object = database_.object_in_memory(key);
  if (!object) return std::nullopt;
  if (!*object) return nullptr;
  if ((*object)->meta.size_bytes > kInMemoryBytesMax) return std::nullopt;
  std::unique_ptr<RocksdbReader> reader = reader_of(std::move(**object));
  if (!load_from_memory(*reader) || !keep_hot(key, stamp, *reader)) return std::nullopt;
  return reader;
}

std::optional<std::vector<std::unique_ptr<RevisionReader>>> RocksdbOpener::open_many_in_memory(
    std::span<const std::string> keys, std::uint64_t bytes_max) {
  std::vector<HotObjects::Stamp> stamps;
  stamps.reserve(keys.size());
  for (const std::string& key : keys) stamps.push_back(hot_.stamp(key));
  std::vector<std::unique_ptr<RevisionReader>> opened(keys.size());
  const std::vector<std::size_t> others = open_hot(keys, opened);
  if (!read_in_memory(keys, stamps, others, bytes_max, opened)) return std::nullopt;
  if (others.size() == keys.size() || hold(keys, stamps)) return opened;
  // What was found one after the other may not have stood at one moment; what is read at once has.
  opened = std::vector<std::unique_ptr<RevisionReader>>(keys.size());
  std::vector<std::size_t> all(keys.size());
  std::iota(all.begin(), all.end(), 0);
  if (!read_in_memory(keys, stamps, all, bytes_max, opened)) return std::nullopt;
  return opened;
}

std::vector<Result<std::unique_ptr<RevisionReader>>> RocksdbOpener::open_many(std::span<const std::string> keys) {
  std::vector<std::unique_ptr<RocksdbReader>> opened(keys.size());
  std::vector<Status> failed(keys.size());
  {
    const RevisionPins::Look look(pins_);
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
  RevisionPins::Pin pin = pins_.pin(object.placement);
  return std::make_unique<RocksdbReader>(database_, std::move(object), std::move(pin));
}

/// Opens those that are hot. The places of the others.
std::vector<std::size_t> RocksdbOpener::open_hot(std::span<const std::string> keys,
                                                 std::span<std::unique_ptr<RevisionReader>> opened) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    opened[i] = hot_.open(keys[i]);
    if (opened[i] == nullptr) others.push_back(i);
  }
  return others;
}

bool RocksdbOpener::hold(std::span<const std::string> keys, std::span<const HotObjects::Stamp> stamps) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!hot_.holds(keys[i], stamps[i])) return false;
  }
  return true;
}

/// Opens the keys at `places`. False: not all of them are in memory, or with those that are open they have more than
/// `bytes_max`.
bool RocksdbOpener::read_in_memory(std::span<const std::string> keys, std::span<const HotObjects::Stamp> stamps,
                                   std::span<const std::size_t> places, std::uint64_t bytes_max,
                                   std::span<std::unique_ptr<RevisionReader>> opened) {
  for (const auto& reader : opened) {
    const std::uint64_t size_bytes = reader == nullptr ? 0 : reader->size_bytes();
    if (size_bytes > bytes_max) return false;
    bytes_max -= size_bytes;
  }
  if (places.empty()) return true;
  std::vector<std::string> wanted;
  wanted.reserve(places.size());
  for (const std::size_t place : places) wanted.push_back(keys[place]);
  std::vector<std::unique_ptr<RocksdbReader>> readers(wanted.size());
  const RevisionPins::Look look(pins_);
  std::optional<std::vector<std::optional<StoredObject>>> objects = database_.objects_in_memory(wanted);
  if (!objects) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::optional<StoredObject>& object = (*objects)[i];
    if (!object) continue;
    if (object->placement.in_chunks() || object->meta.size_bytes > bytes_max) return false;
    bytes_max -= object->meta.size_bytes;
    readers[i] = reader_of(std::move(*object));
  }
  const OneValues of = one_values(readers);
  std::vector<rocksdb::PinnableSlice> values(of.placements.size());
  if (!database_.values_in_memory(of.placements, values)) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t place = of.places[i];
    if (!readers[place]->give_value(std::move(values[i]))) return false;
    if (!keep_hot(wanted[place], stamps[places[place]], *readers[place])) return false;
  }
  for (std::size_t i = 0; i < places.size(); ++i) opened[places[i]] = std::move(readers[i]);
  return true;
}

/// False: its bytes are not what was written.
bool RocksdbOpener::keep_hot(const std::string& key, HotObjects::Stamp stamp, RocksdbReader& reader) {
  if (reader.size_bytes() > HotObjects::kObjectBytesMax) return true;
  const auto bytes = reader.read(0, reader.size_bytes());
  if (!bytes) return false;
  hot_.keep(key, stamp, reader.meta(), {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  return true;
}

/// Reads all of it. False: it is not in memory.
bool RocksdbOpener::load_from_memory(RocksdbReader& reader) {
  if (!reader.placement().in_chunks()) {
    rocksdb::PinnableSlice value;
    return database_.value_in_memory(reader.placement(), value) && reader.give_value(std::move(value));
  }
  if (reader.chunk_count() > kInMemoryChunksMax) return false;
  std::vector<rocksdb::PinnableSlice> chunks(reader.chunk_count());
  return database_.chunks_in_memory(reader.placement(), chunks) && reader.give_chunks(std::move(chunks));
}

/// Reads the values of those that are one value.
void RocksdbOpener::load_values(std::span<const std::unique_ptr<RocksdbReader>> readers, std::span<Status> failed) {
  const OneValues of = one_values(readers);
  std::vector<rocksdb::PinnableSlice> values(of.placements.size());
  const std::vector<Status> read = database_.values_of(of.placements, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t place = of.places[i];
    failed[place] = read[i] ? readers[place]->give_value(std::move(values[i])) : read[i];
  }
}

}  // namespace sconce::server::storage
