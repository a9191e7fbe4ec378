#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {

using Contents = std::map<std::string, std::string>;

inline server::storage::Result<std::unique_ptr<server::storage::StorageEngine>> open_again(
    const std::filesystem::path& directory) {
  return server::storage::open_rocksdb_store({.directory = directory, .object_bytes_max = kObjectBytesMax});
}

inline std::string newest_log(const std::filesystem::path& directory) {
  std::string newest;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() == ".log") newest = std::max(newest, file.path().string());
  }
  return newest;
}

/// A store as a crash leaves it: its files, copied while it runs.
class CrashedStore : public testing::Test {
 protected:
  void SetUp() override { store_ = open_in(running_); }

  /// Acknowledged.
  void put(const std::string& key, const std::string& bytes) {
    commit(*store_, put_of(*store_, key, bytes));
    contents_[key] = bytes;
  }
  /// All at once.
  void put_all(const Contents& contents) {
    std::vector<server::storage::Write> writes;
    for (const auto& [key, bytes] : contents) writes.push_back(put_of(*store_, key, bytes));
    ASSERT_TRUE(store_->commit(std::move(writes)));
    for (const auto& [key, bytes] : contents) contents_[key] = bytes;
  }
  std::uint64_t log_bytes() const { return std::filesystem::file_size(newest_log(running_)); }

  /// The crash. `synced_file`: the file SYNCED as it was some time before.
  void crash() { std::filesystem::copy(running_, crashed_, std::filesystem::copy_options::recursive); }
  std::string synced_file() const { return read_file(running_ / "SYNCED"); }

  /// The crashed one, once more.
  std::filesystem::path copy() {
    const std::filesystem::path copied = directory_ / "copy";
    std::filesystem::remove_all(copied);
    std::filesystem::copy(crashed_, copied, std::filesystem::copy_options::recursive);
    return copied;
  }

  static void overwrite(const std::filesystem::path& file, std::uint64_t begin, const std::string& bytes) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(begin));
    stream << bytes;
  }
  static void zero(const std::filesystem::path& file, std::uint64_t begin, std::uint64_t end) {
    overwrite(file, begin, std::string(end - begin, '\0'));
  }

  void expect_acknowledged(const std::filesystem::path& directory) {
    const auto store = open_again(directory);
    ASSERT_TRUE(store) << store.error().what;
    expect_acknowledged(**store);
  }
  void expect_acknowledged(server::storage::Store& store) {
    for (const auto& [key, bytes] : contents_) EXPECT_TRUE(content_of(store, key) == bytes) << key;
    commit(store, put_of(store, "afterwards", "1"));
  }
  static std::string refusal(const std::filesystem::path& directory) {
    const auto store = open_again(directory);
    return store ? "(opened)" : store.error().what;
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path running_ = directory_ / "running";
  std::filesystem::path crashed_ = directory_ / "crashed";
  std::unique_ptr<server::storage::StorageEngine> store_;
  Contents contents_;
};

}  // namespace sconce::tests
