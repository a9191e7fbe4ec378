#pragma once

#include <memory>
#include <utility>

#include "server/storage/engine.h"

namespace sconce::server::storage {

/// Passes everything on to another engine, for those that do some of it otherwise.
/// Threads, errors: as the other engine.
class ForwardingEngine : public StorageEngine {
 public:
  explicit ForwardingEngine(std::unique_ptr<StorageEngine> engine) : engine_(std::move(engine)) {}

  Result<std::unique_ptr<RevisionReader>> open(const std::string& key) override { return engine_->open(key); }
  std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys) override {
    return engine_->open_many(keys);
  }
  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key) override {
    return engine_->open_in_memory(key);
  }
  std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(std::span<const std::string> keys,
                                                                                  std::uint64_t bytes_max) override {
    return engine_->open_many_in_memory(keys, bytes_max);
  }
  Result<std::optional<ObjectMeta>> stat(const std::string& key) override { return engine_->stat(key); }
  Result<Listing> list(const ListQuery& query) override { return engine_->list(query); }
  Result<std::unique_ptr<Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    return engine_->begin_upload(size_hint);
  }
  void begin_commit(std::vector<Write> writes, Committed committed) override {
    engine_->begin_commit(std::move(writes), std::move(committed));
  }
  StoreHealth health() override { return engine_->health(); }
  void begin_compact(Compacted compacted) override { engine_->begin_compact(std::move(compacted)); }
  void stop() noexcept override { engine_->stop(); }
  const StoreCounters& counters() const override { return engine_->counters(); }
  Result<std::unique_ptr<DiskRoom>> disk_room(std::optional<std::uint64_t> size_hint) override {
    return engine_->disk_room(size_hint);
  }

 protected:
  StorageEngine& engine() { return *engine_; }

 private:
  const std::unique_ptr<StorageEngine> engine_;
};

}  // namespace sconce::server::storage
