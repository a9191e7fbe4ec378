#include "tests/torture/short_store.h"

#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>

#include "server/storage/rocksdb/store.h"
#include "tests/torture/store_client.h"
#include "tests/torture/workload.h"

namespace sconce::tests {

namespace {

using namespace server::storage;

constexpr std::uint64_t kChangesMax = 200;  // before the shortage begins
constexpr std::uint64_t kRoundsToOpening = 4;
constexpr std::chrono::milliseconds kLastsFor(50);

class ShortStore final : public Victim {
 public:
  ShortStore(std::filesystem::path data, std::uint64_t seed, FaultyFiles::Fault shortage)
      : data_(std::move(data)), random_(seed), shortage_(shortage) {
    open();
  }

  std::unique_ptr<Client> connect() override {
    return make_store_client(*store_, struck_, ReadsWhileStruck::are_answered);
  }

  void strike() override {
    struck_ = true;
    files_->fail_at(1 + random_() % kChangesMax, shortage_, FaultyFiles::Lasting::until_healed);
    std::this_thread::sleep_for(kLastsFor);
    // Changes may have ended before that many; then the shortage is to begin with the next one.
    files_->fail_at(1, shortage_, FaultyFiles::Lasting::until_healed);
    if (shortage_ == FaultyFiles::Fault::no_space) expect_reads();
  }

  void restore() override {
    files_->heal();
    if (++rounds_ % kRoundsToOpening == 0) {
      files_->cut_power();
      store_.reset();
      files_->apply_power_cut();
      open();
    }
    expect_writes();
    struck_ = false;
  }

  void close() override { store_.reset(); }

 private:
  void open() {
    files_ = std::make_shared<FaultyFiles>(random_());
    auto opened = open_rocksdb_store({.directory = data_, .file_system = files_});
    if (!opened) throw std::runtime_error("the store does not open: " + opened.error().what);
    store_ = std::move(*opened);
  }

  /// A full disk can be read.
  void expect_reads() {
    for (const TortureKey& key : shared_keys()) {
      const auto reader = store_->open(key.name);
      if (!reader) throw std::runtime_error("a full disk cannot be read: " + reader.error().what);
    }
  }

  /// Without being opened again.
  void expect_writes() {
    core::Error last;
    for (int i = 0; i < 600; ++i) {
      if (is_taken(last) && upload_is_taken(last)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    throw std::runtime_error("writes do not come back: " + to_string(last));
  }

  bool is_taken(core::Error& last) {
    auto upload = store_->begin_upload(1);
    Status written = upload ? (*upload)->write(std::as_bytes(std::span("1", 1))) : std::unexpected(upload.error());
    if (written) {
      std::vector<Write> writes(1);
      writes[0] = {.key = "probe", .condition = {}, .what = Put{std::move(*upload)}};
      const auto outcome = store_->commit(std::move(writes));
      if (outcome) return true;
      written = std::unexpected(outcome.error());
    }
    last = written.error();
    return false;
  }

  bool upload_is_taken(core::Error& last) {
    const auto upload = store_->begin_upload(kTortureHugeBytes);
    if (!upload) last = upload.error();
    return upload.has_value();
  }

  const std::filesystem::path data_;
  std::mt19937_64 random_;
  const FaultyFiles::Fault shortage_;
  std::uint64_t rounds_ = 0;
  std::atomic<bool> struck_ = false;
  std::shared_ptr<FaultyFiles> files_;
  std::unique_ptr<StorageEngine> store_;
};

}  // namespace

std::unique_ptr<Victim> make_short_store(const std::filesystem::path& data, std::uint64_t seed,
                                         FaultyFiles::Fault shortage) {
  return std::make_unique<ShortStore>(data, seed, shortage);
}

}  // namespace sconce::tests
