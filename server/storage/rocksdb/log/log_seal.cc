#include "server/storage/rocksdb/log/log_seal.h"

#include <algorithm>
#include <ranges>
#include <stdexcept>

#include "core/little_endian.h"
#include "server/storage/xxhash.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kMagic = "SCNseal1";
constexpr std::size_t kFixedBytes = 57;
constexpr std::size_t kLogsMax = 16;
constexpr std::size_t kBatchHeaderBytes = 12;  // sequence, count
constexpr std::uint32_t kDefaultFamily = 0;
constexpr std::string_view kLayoutRecord = "layout";

std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 128; value >>= 7U) bytes += 1;
  return bytes;
}

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  return core::load_little_endian<std::uint64_t>(bytes.data() + at);
}

std::uint64_t hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// Collects the seals of a batch, and whether each is right; and the version of the layout, if it is written.
class SealCollector final : public rocksdb::WriteBatch::Handler {
 public:
  explicit SealCollector(std::string_view batch) : batch_(batch) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    if (family == kDefaultFamily && key.ToStringView() == kLayoutRecord) layout = value.ToString();
    return {};
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status SingleDeleteCF(std::uint32_t, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status MarkNoop(bool) override { return {}; }
  void LogData(const rocksdb::Slice& data) override {
    const std::optional<BatchSeal> seal = decode_seal(data.ToStringView());
    if (!seal) return;
    seals.push_back(*seal);
    const auto data_at = static_cast<std::size_t>(data.data() - batch_.data());
    const std::size_t end = data_at - varint_bytes(data.size()) - 1;
    const bool fits = seal->batch_bytes <= end - kBatchHeaderBytes;
    if (!fits || hash_of(batch_.substr(end - seal->batch_bytes, seal->batch_bytes)) != seal->batch_hash) broken = true;
  }

  std::vector<BatchSeal> seals;
  std::optional<std::string> layout;
  bool broken = false;

 private:
  const std::string_view batch_;
};

}  // namespace

void SyncedPositions::add(const SyncedPositions& other) {
  if (other.manifest > manifest) manifest = other.manifest, manifest_bytes = other.manifest_bytes;
  else if (other.manifest == manifest) manifest_bytes = std::max(manifest_bytes, other.manifest_bytes);
  for (const auto& [number, bytes] : other.log_bytes) {
    std::uint64_t& known = log_bytes[number];
    known = std::max(known, bytes);
  }
}

std::string encode_seal(const BatchSeal& seal) {
  std::string bytes(kMagic);
  bytes.append(seal.salt.data(), seal.salt.size());
  for (const std::uint64_t value :
       {seal.batch_bytes, seal.batch_hash, seal.synced.manifest, seal.synced.manifest_bytes}) {
    core::append_little_endian(bytes, value);
  }
  const std::size_t count = std::min(seal.synced.log_bytes.size(), kLogsMax);
  bytes += static_cast<char>(count);
  for (const auto& [number, size] : seal.synced.log_bytes | std::views::reverse | std::views::take(count)) {
    core::append_little_endian(bytes, number);
    core::append_little_endian(bytes, size);
  }
  return bytes;
}

std::optional<BatchSeal> decode_seal(std::string_view bytes) {
  if (bytes.size() < kFixedBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::size_t count = static_cast<unsigned char>(bytes[kFixedBytes - 1]);
  if (count > kLogsMax || bytes.size() != kFixedBytes + count * 16) return std::nullopt;
  BatchSeal seal;
  std::copy_n(bytes.data() + kMagic.size(), seal.salt.size(), seal.salt.data());
  seal.batch_bytes = word_at(bytes, 24);
  seal.batch_hash = word_at(bytes, 32);
  seal.synced.manifest = word_at(bytes, 40);
  seal.synced.manifest_bytes = word_at(bytes, 48);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = kFixedBytes + i * 16;
    seal.synced.log_bytes[word_at(bytes, at)] = word_at(bytes, at + 8);
  }
  return seal;
}

void seal_batch(rocksdb::WriteBatch& batch, const SealSalt& salt, const SyncedPositions& synced) {
  const std::string_view content = std::string_view(batch.Data()).substr(kBatchHeaderBytes);
  const std::string seal =
      encode_seal({.salt = salt, .batch_bytes = content.size(), .batch_hash = hash_of(content), .synced = synced});
  const rocksdb::Status added = batch.PutLogData(seal);
  // Only fails where a limit was set, and none was.
  if (!added.ok()) throw std::runtime_error("write batch: " + added.ToString());
}

std::optional<SealedRecord> read_record(std::string_view record) {
  if (record.size() < kBatchHeaderBytes) return std::nullopt;
  const rocksdb::WriteBatch batch{std::string(record)};
  SealCollector collector(batch.Data());
  if (!batch.Iterate(&collector).ok() || collector.broken) return std::nullopt;
  const std::uint64_t sequence = word_at(record, 0);
  return SealedRecord{.sequence = sequence,
                      .next_sequence = sequence + batch.Count(),
                      .seals = std::move(collector.seals),
                      .layout = std::move(collector.layout)};
}

}  // namespace sconce::server::storage
