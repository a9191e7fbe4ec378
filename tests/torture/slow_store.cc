#include "tests/torture/slow_store.h"

#include <future>
#include <random>
#include <stdexcept>

#include "server/storage/rocksdb/store.h"
#include "tests/faults/rocksdb_faulty_files.h"
#include "tests/faults/rocksdb_slow_files.h"
#include "tests/torture/content.h"
#include "tests/torture/store_client.h"

namespace sconce::tests {

namespace {

using namespace server::storage;

const std::string kHotKey = "hot";
constexpr Value kHotValue = 1'000'000'000;
constexpr std::size_t kHotBytes = 1'000;
constexpr int kReads = 1'000;
// Beyond it, somebody waits for a disk that does nothing.
constexpr std::chrono::seconds kPatience(30);

class SlowStore final : public Victim {
 public:
  SlowStore(std::filesystem::path data, std::uint64_t seed) : data_(std::move(data)), random_(seed) {
    open();
    const Reply reply = connect()->write(kHotKey, object_of(kHotValue, kHotBytes), {});
    if (!reply.fault.empty()) throw std::runtime_error(reply.fault);
    warm();
  }

  std::unique_ptr<Client> connect() override {
    return make_store_client(*store_, struck_, ReadsWhileStruck::reach_nobody);
  }

  void disturb() override {
    slow_files_->hold();
    const bool is_held = slow_files_->wait_until_held(kPatience);
    auto reads = std::async(std::launch::async, [this] { return read_from_memory(); });
    const bool are_answered = reads.wait_for(kPatience) == std::future_status::ready;
    slow_files_->release();
    if (!is_held) throw std::runtime_error("nobody uses the disk");
    if (!are_answered) throw std::runtime_error("what is in memory waits for the disk");
    reads_ += reads.get();
  }

  void strike() override {
    struck_ = true;
    faulty_files_->cut_power();
  }

  void restore() override {
    slow_operations_ += slow_files_->slow_operations();
    store_.reset();
    faulty_files_->apply_power_cut();
    open();
    warm();
  }

  void close() override { store_.reset(); }

  std::string what_it_did() const override {
    return std::to_string(slow_operations_) + " operations of the disk took long, and " + std::to_string(reads_) +
           " reads were answered from memory while it did nothing";
  }

 private:
  void open() {
    faulty_files_ = std::make_shared<FaultyFiles>(random_());
    slow_files_ = std::make_shared<SlowFiles>(faulty_files_, random_());
    struck_ = false;
    auto opened = open_rocksdb_store({.directory = data_, .file_system = slow_files_});
    if (!opened) throw std::runtime_error("the store does not open: " + opened.error().what);
    store_ = std::move(*opened);
  }

  /// Reads the hot key from the disk.
  void warm() {
    const Reply reply = connect()->read(kHotKey);
    if (reply.value != kHotValue) throw std::runtime_error("the hot key is lost: " + reply.fault);
  }

  /// The number of reads.
  std::uint64_t read_from_memory() {
    const std::string object = object_of(kHotValue, kHotBytes);
    for (int i = 0; i < kReads; ++i) {
      const auto found = store_->open_in_memory(kHotKey);
      if (!found || *found == nullptr) throw std::runtime_error("the hot key is not in memory");
      const auto bytes = (*found)->read(0, object.size());
      if (!bytes || !std::ranges::equal(*bytes, std::as_bytes(std::span(object)))) {
        throw std::runtime_error("memory holds another object");
      }
    }
    return kReads;
  }

  const std::filesystem::path data_;
  std::mt19937_64 random_;
  std::atomic<bool> struck_ = false;
  std::shared_ptr<FaultyFiles> faulty_files_;
  std::shared_ptr<SlowFiles> slow_files_;  // on the faulty ones
  std::unique_ptr<StorageEngine> store_;
  std::uint64_t slow_operations_ = 0;
  std::uint64_t reads_ = 0;
};

}  // namespace

std::unique_ptr<Victim> make_slow_store(const std::filesystem::path& data, std::uint64_t seed) {
  return std::make_unique<SlowStore>(data, seed);
}

}  // namespace sconce::tests
