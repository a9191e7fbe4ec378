#pragma once

#include <utility>

#include "server/storage/memory_store.h"

namespace sconce::tests {

/// A store in memory, for tests that change some of what it does.
class ForwardingStore : public server::storage::Store {
 public:
  server::storage::Result<std::unique_ptr<server::storage::RevisionReader>> open(const std::string& key) override {
    return store_->open(key);
  }
  std::vector<server::storage::Result<std::unique_ptr<server::storage::RevisionReader>>> open_many(
      std::span<const std::string> keys) override {
    return store_->open_many(keys);
  }
  server::storage::Result<std::optional<server::storage::ObjectMeta>> stat(const std::string& key) override {
    return store_->stat(key);
  }
  server::storage::Result<server::storage::Listing> list(const server::storage::ListQuery& query) override {
    return store_->list(query);
  }
  server::storage::Result<std::unique_ptr<server::storage::Upload>> begin_upload(
      std::optional<std::uint64_t> size_hint) override {
    return store_->begin_upload(size_hint);
  }
  server::storage::Result<std::unique_ptr<server::storage::DiskRoom>> disk_room(
      std::optional<std::uint64_t> size_hint) override {
    return store_->disk_room(size_hint);
  }
  std::optional<std::unique_ptr<server::storage::RevisionReader>> open_in_memory(const std::string& key) override {
    return store_->open_in_memory(key);
  }
  std::optional<std::vector<std::unique_ptr<server::storage::RevisionReader>>> open_many_in_memory(
      std::span<const std::string> keys, std::uint64_t bytes_max) override {
    return store_->open_many_in_memory(keys, bytes_max);
  }
  void begin_commit(std::vector<server::storage::Write> writes, Committed committed) override {
    store_->begin_commit(std::move(writes), std::move(committed));
  }
  void begin_compact(Compacted compacted) override { store_->begin_compact(std::move(compacted)); }
  void stop() noexcept override { store_->stop(); }
  const server::storage::StoreCounters& counters() const override { return store_->counters(); }

 private:
  const std::unique_ptr<server::storage::Store> store_ = server::storage::make_memory_store(64 << 20);
};

}  // namespace sconce::tests
