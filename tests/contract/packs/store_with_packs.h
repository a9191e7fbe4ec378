#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {

namespace fs = std::filesystem;

inline constexpr std::size_t kLargeBytes = 600'000;

/// Waits for what happens on another thread.
template <class Condition>
bool comes_true(Condition condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

/// What `sconce check` says of it; empty if it is sound.
inline std::string damages_in(const fs::path& directory) {
  std::string found;
  const auto checked = server::storage::check_rocksdb_store(
      directory,
      [&](const std::string& where, const core::Error& error) { found += where + ": " + error.what + '\n'; });
  return checked ? found : checked.error().what;
}

/// A directory in which stores are opened, one after the other.
class StoreWithPacks : public testing::Test {
 protected:
  std::unique_ptr<server::storage::StorageEngine> open(const fs::path& directory) {
    auto store = server::storage::open_rocksdb_store(
        {.directory = directory, .report = [this](const core::Error& error) { report(error); }});
    if (!store) throw std::runtime_error(to_string(store.error()));
    return std::move(*store);
  }
  std::unique_ptr<server::storage::StorageEngine> open() { return open(data_); }

  std::vector<fs::path> packs() const {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(data_ / "packs")) found.push_back(file.path());
    return found;
  }
  std::uint64_t space() const { return space_of_files(data_, ".pack"); }
  std::string reported() {
    const std::lock_guard lock(mutex_);
    return reported_;
  }

  const TemporaryDirectory directory_;
  const fs::path data_ = directory_.path() / "data";

 private:
  void report(const core::Error& error) {
    const std::lock_guard lock(mutex_);
    reported_ += error.what + '\n';
  }

  std::mutex mutex_;
  std::string reported_;
};

}  // namespace sconce::tests
