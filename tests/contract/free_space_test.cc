// What may be written to a volume that fills up, and what is kept of it.

#include "server/storage/rocksdb/files/free_space.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "server/storage/rocksdb/files/ballast.h"
#include "server/storage/rocksdb/files/volume_sizes.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kReserve = 16 * kMiB;

class FreeSpaceTest : public testing::Test {
 protected:
  std::uint64_t free_ = 100 * kMiB;
  std::uint64_t kept_ = 4 * kMiB;
  int begun_ = 0;
  int ended_ = 0;
  std::string refused_;
  FreeSpace space_{{.free_bytes = [this] { return std::optional(free_); },
                    .kept_bytes = [this] { return kept_; },
                    .tell_full = [this](const std::string&) { begun_ += 1; },
                    .tell_ended = [this](const std::string&) { ended_ += 1; },
                    .tell_refused = [this](const std::string& text) { refused_ += text + '\n'; }},
                   kReserve};
};

TEST_F(FreeSpaceTest, WhatIsKeptIsNotAvailable) {
  EXPECT_EQ(space_.available_bytes(), 80 * kMiB);
  kept_ = 10 * kMiB;
  EXPECT_EQ(space_.available_bytes(), 74 * kMiB);
  EXPECT_FALSE(space_.is_low());
  free_ = 30 * kMiB;
  EXPECT_EQ(space_.available_bytes(), 4 * kMiB);
  EXPECT_TRUE(space_.is_low());
  EXPECT_FALSE(space_.is_full());
}

TEST_F(FreeSpaceTest, IsFullUntilAPartOfTheReserveMoreIsFree) {
  free_ = 20 * kMiB - 1;
  EXPECT_EQ(space_.available_bytes(), 0U);
  EXPECT_TRUE(space_.is_full());
  free_ = 28 * kMiB - 1;
  EXPECT_EQ(space_.available_bytes(), 0U);
  EXPECT_TRUE(space_.is_full());
  free_ = 28 * kMiB;
  EXPECT_EQ(space_.available_bytes(), 8 * kMiB);
  EXPECT_FALSE(space_.is_full());
}

TEST_F(FreeSpaceTest, IsToldOnceForEachTime) {
  for (int i = 1; i <= 3; ++i) {
    free_ = 0;
    for (int look = 0; look < 5; ++look) space_.available_bytes();
    EXPECT_EQ(begun_, i);
    free_ = 100 * kMiB;
    for (int look = 0; look < 5; ++look) space_.available_bytes();
    EXPECT_EQ(ended_, i);
  }
}

TEST_F(FreeSpaceTest, ARoomThatWasAnnouncedIsNobodyElses) {
  {
    FreeSpace::Room first(space_);
    ASSERT_TRUE(first.announce(60 * kMiB));
    FreeSpace::Room second(space_);
    const auto refused = second.announce(30 * kMiB);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::ErrorCode::no_space);
    EXPECT_TRUE(second.announce(20 * kMiB));
  }
  FreeSpace::Room third(space_);
  EXPECT_TRUE(third.announce(80 * kMiB));
  EXPECT_EQ(begun_, 0);
}

TEST_F(FreeSpaceTest, WhatIsWrittenIsNoLongerReserved) {
  FreeSpace::Room room(space_);
  ASSERT_TRUE(room.announce(40 * kMiB));
  ASSERT_TRUE(room.take(30 * kMiB));
  free_ -= 30 * kMiB;
  EXPECT_EQ(space_.available_bytes(), 40 * kMiB);
}

TEST_F(FreeSpaceTest, MoreThanAnnouncedIsAskedForInSteps) {
  FreeSpace::Room room(space_);
  ASSERT_TRUE(room.take(1000));
  free_ -= 1000;
  EXPECT_EQ(space_.available_bytes(), 76 * kMiB);
  free_ = 21 * kMiB;
  EXPECT_TRUE(room.take(4 * kMiB - 1000)) << "it was reserved";
  EXPECT_TRUE(room.take(kMiB)) << "no whole step is left";
  EXPECT_FALSE(room.take(2 * kMiB));
}

TEST_F(FreeSpaceTest, OnlyLittleThatFindsNoRoomMakesItFull) {
  FreeSpace::Room room(space_);
  EXPECT_FALSE(room.announce(200 * kMiB));
  EXPECT_EQ(begun_, 0);
  free_ = 21 * kMiB;
  EXPECT_FALSE(room.announce(2 * kMiB));
  EXPECT_EQ(begun_, 1);
  EXPECT_EQ(space_.available_bytes(), 0U);
}

TEST_F(FreeSpaceTest, MuchThatFindsNoRoomIsToldHowMuchThereIs) {
  const core::Status refused = space_.check_room_for(200 * kMiB);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::no_space);
  EXPECT_EQ(refused.error().what,
            "there is no room for 200.0 MiB more on the volume of the data: 80.0 MiB are free beside the reserve; what "
            "needs less is still taken");
  EXPECT_TRUE(refused.error().is_for_clients);
  EXPECT_FALSE(space_.is_full());
}

TEST_F(FreeSpaceTest, WhatIsRefusedOnAFullVolumeIsNotToldWhatIsFree) {
  free_ = 20 * kMiB - 1;
  EXPECT_FALSE(space_.check_room_for(200 * kMiB).error().is_for_clients);
  EXPECT_FALSE(space_.check_room_for(1).error().is_for_clients);
  EXPECT_EQ(refused_, "");
  EXPECT_EQ(begun_, 1);
}

/// Until there is room for the least that was refused.
TEST_F(FreeSpaceTest, RefusalsAreToldOnceForEachTime) {
  const auto refuse = [this](std::uint64_t bytes) { return !space_.check_room_for(bytes); };
  for (const int times : {1, 2}) {
    for (const std::uint64_t mib : {300U, 200U, 100U, 300U}) EXPECT_TRUE(refuse(mib * kMiB));
    EXPECT_TRUE(space_.check_room_for(80 * kMiB));
    EXPECT_TRUE(refuse(100 * kMiB));
    EXPECT_EQ(std::ranges::count(refused_, '\n'), times) << refused_;
    free_ = 120 * kMiB;
    EXPECT_TRUE(space_.check_room_for(100 * kMiB));
    free_ = 100 * kMiB;
  }
}

/// As where a quota ends what free bytes do not tell.
TEST_F(FreeSpaceTest, AWriteThatFailedMakesItFullForAWhile) {
  space_.failed();
  space_.failed();
  EXPECT_EQ(begun_, 1);
  EXPECT_TRUE(space_.is_full());
  EXPECT_EQ(space_.available_bytes(), 0U);
}

TEST(VolumeSizes, AreAPartOfTheVolume) {
  const VolumeSizes small = sizes_for_volume(320 * kMiB);
  EXPECT_EQ(small.reserve_bytes, 10 * kMiB);
  EXPECT_EQ(small.ballast_bytes, 5 * kMiB);
  EXPECT_EQ(small.memtable_bytes_max, kMiB);
  const VolumeSizes large = sizes_for_volume(std::uint64_t{1} << 44);
  EXPECT_EQ(large.reserve_bytes, 1024 * kMiB);
  EXPECT_EQ(large.ballast_bytes, 64 * kMiB);
  EXPECT_EQ(large.memtable_bytes_max, 64 * kMiB);
  EXPECT_EQ(large.blob_file_bytes_max, 256 * kMiB);
}

std::uint64_t taken_bytes(const std::string& file) {
  struct stat about{};
  return ::stat(file.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_blocks) * 512 : 0;
}

TEST(Ballast, TakesSpaceAndGivesItBack) {
  const TemporaryDirectory directory;
  const std::string file = directory / "ballast";
  Ballast ballast(file, 4 * kMiB);
  EXPECT_EQ(ballast.missing_bytes(), 4 * kMiB);
  EXPECT_FALSE(ballast.give_up());
  ASSERT_TRUE(ballast.take());
  EXPECT_EQ(ballast.bytes(), 4 * kMiB);
  EXPECT_GE(taken_bytes(file), 4 * kMiB);
  EXPECT_EQ(Ballast(file, 4 * kMiB).bytes(), 4 * kMiB) << "it is found again";
  EXPECT_TRUE(ballast.give_up());
  EXPECT_EQ(taken_bytes(file), 0U);
  EXPECT_EQ(ballast.missing_bytes(), 4 * kMiB);
}

TEST(Ballast, IsNotWhatALinkNames) {
  const TemporaryDirectory directory;
  write_file(directory / "others", std::string(8 * kMiB, 'x'));
  std::filesystem::create_symlink(directory / "others", directory / "ballast");
  Ballast ballast(directory / "ballast", 4 * kMiB);
  EXPECT_EQ(ballast.bytes(), 0U);
  EXPECT_FALSE(ballast.take());
  EXPECT_FALSE(ballast.give_up());
  EXPECT_EQ(std::filesystem::file_size(directory / "others"), 8 * kMiB);
}

}  // namespace
}  // namespace sconce::tests
