#include "server/storage/rocksdb/database/writer_first_mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace sconce::tests {
namespace {

using server::storage::WriterFirstMutex;

/// Readers that overlapped kept a writer out without end: with a std::shared_mutex, none is ever turned away here.
TEST(WriterFirstMutex, ReadersThatComeLaterWaitForAWriter) {
  WriterFirstMutex mutex;
  std::shared_lock first(mutex);
  EXPECT_TRUE(std::shared_lock(mutex, std::try_to_lock)) << "nobody waits";
  std::thread writer([&mutex] { const std::unique_lock lock(mutex); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  bool turned_away = false;
  while (!turned_away && std::chrono::steady_clock::now() < deadline) {
    turned_away = !std::shared_lock(mutex, std::try_to_lock);
  }
  EXPECT_TRUE(turned_away);
  std::thread reader([&mutex] { const std::shared_lock lock(mutex); });
  first.unlock();
  writer.join();
  reader.join();
  EXPECT_TRUE(std::shared_lock(mutex, std::try_to_lock));
}

TEST(WriterFirstMutex, AWriterIsAlone) {
  WriterFirstMutex mutex;
  const std::unique_lock writer(mutex);
  std::thread([&mutex] {
    EXPECT_FALSE(std::shared_lock(mutex, std::try_to_lock));
    EXPECT_FALSE(std::unique_lock(mutex, std::try_to_lock));
  }).join();
}

}  // namespace
}  // namespace sconce::tests
