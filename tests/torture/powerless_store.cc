#include "tests/torture/powerless_store.h"

#include <stdexcept>

#include "server/storage/rocksdb/store.h"
#include "tests/faults/rocksdb_faulty_files.h"
#include "tests/torture/store_client.h"

namespace sconce::tests {

namespace {

using namespace server::storage;

class PowerlessStore final : public Victim {
 public:
  PowerlessStore(std::filesystem::path data, std::uint64_t seed) : data_(std::move(data)), seed_(seed) { restore(); }

  std::unique_ptr<Client> connect() override {
    return make_store_client(*store_, struck_, ReadsWhileStruck::reach_nobody);
  }

  void strike() override {
    struck_ = true;
    files_->cut_power();
  }

  void restore() override {
    store_.reset();
    if (files_ != nullptr) files_->apply_power_cut();
    files_ = std::make_shared<FaultyFiles>(++seed_);
    struck_ = false;
    auto opened = open_rocksdb_store({.directory = data_, .file_system = files_});
    if (!opened) throw std::runtime_error("the store does not open: " + opened.error().what);
    store_ = std::move(*opened);
  }

  void close() override { store_.reset(); }

 private:
  const std::filesystem::path data_;
  std::uint64_t seed_;
  std::atomic<bool> struck_ = false;
  std::shared_ptr<FaultyFiles> files_;
  std::unique_ptr<StorageEngine> store_;
};

}  // namespace

std::unique_ptr<Victim> make_powerless_store(const std::filesystem::path& data, std::uint64_t seed) {
  return std::make_unique<PowerlessStore>(data, seed);
}

}  // namespace sconce::tests
