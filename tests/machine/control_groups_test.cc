// The limits of control groups, read from made-up trees of /proc and /sys.

#include "server/control_groups.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/support/files.h"

namespace sconce::tests {
namespace {

namespace fs = std::filesystem;
using server::ControlGroupLimits;

constexpr std::uint64_t kMiB = 1 << 20;

struct Row {
  std::string name;
  std::map<std::string, std::string> files;  // by their path
  std::optional<std::uint64_t> memory_bytes;
  std::optional<double> processors;
};

/// Where nothing is mounted but this.
std::map<std::string, std::string> files_of(const std::string& groups, const std::string& mounts,
                                            std::map<std::string, std::string> others) {
  others["proc/self/cgroup"] = groups;
  others["proc/self/mountinfo"] =
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n23 22 0:5 / /proc rw - proc proc rw\n" + mounts;
  return others;
}

constexpr const char* kUnified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* kMemory1 = "35 32 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n";
constexpr const char* kCpu1 = "36 32 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

void expect_limits(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const TemporaryDirectory root;
    for (const auto& [path, text] : row.files) {
      fs::create_directories((root.path() / path).parent_path());
      std::ofstream(root.path() / path) << text;
    }
    const ControlGroupLimits limits = server::control_group_limits(root.path());
    EXPECT_EQ(limits.memory_bytes, row.memory_bytes);
    EXPECT_EQ(limits.processors, row.processors);
  }
}

TEST(ControlGroups, OfVersion2) {
  const std::string own = "sys/fs/cgroup/system.slice/sconce.service/";
  const std::string groups = "0::/system.slice/sconce.service\n";
  expect_limits({
      {"a unit",
       files_of(groups, kUnified, {{own + "memory.max", "268435456\n"}, {own + "cpu.max", "150000 100000\n"}}),
       256 * kMiB, 1.5},
      {"no limit", files_of(groups, kUnified, {{own + "memory.max", "max\n"}, {own + "cpu.max", "max 100000\n"}}),
       std::nullopt, std::nullopt},
      {"the slice has less",
       files_of(groups, kUnified,
                {{own + "memory.max", "268435456\n"},
                 {"sys/fs/cgroup/system.slice/memory.max", "134217728\n"},
                 {own + "cpu.max", "400000 100000\n"},
                 {"sys/fs/cgroup/system.slice/cpu.max", "50000 100000\n"}}),
       128 * kMiB, 0.5},
      {"MemoryHigh", files_of(groups, kUnified, {{own + "memory.max", "max\n"}, {own + "memory.high", "100663296\n"}}),
       96 * kMiB, std::nullopt},
      {"another unit's limit is not ours",
       files_of(groups, kUnified, {{"sys/fs/cgroup/system.slice/other.service/memory.max", "1048576\n"}}), std::nullopt,
       std::nullopt},
      {"in a namespace of its own", files_of("0::/\n", kUnified, {{"sys/fs/cgroup/memory.max", "67108864\n"}}),
       64 * kMiB, std::nullopt},
      {"nested in a namespace",
       files_of("0::/a/b\n", kUnified,
                {{"sys/fs/cgroup/memory.max", "67108864\n"}, {"sys/fs/cgroup/a/b/memory.max", "max\n"}}),
       64 * kMiB, std::nullopt},
      {"a part is mounted",
       files_of("0::/docker/1f\n", "30 23 0:26 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
                {{"sys/fs/cgroup/memory.max", "67108864\n"}}),
       64 * kMiB, std::nullopt},
      {"mounted outside of the namespace",
       files_of("0::/\n", "30 23 0:26 /../.. /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
                {{"sys/fs/cgroup/memory.max", "67108864\n"}}),
       64 * kMiB, std::nullopt},
      {"moved out of the namespace", files_of("0::/../other\n", kUnified, {{"sys/fs/cgroup/memory.max", "67108864\n"}}),
       std::nullopt, std::nullopt},
      {"names that are hard to read",
       files_of("0::/a:b/c d\n", "30 23 0:26 / /sys/fs/c\\040group rw - cgroup2 cgroup rw\n",
                {{"sys/fs/c group/a:b/c d/memory.max", "67108864\n"}}),
       64 * kMiB, std::nullopt},
  });
}

TEST(ControlGroups, OfVersion1) {
  const std::string groups = "4:memory:/docker/1f\n2:cpu,cpuacct:/docker/1f\n1:name=systemd:/docker/1f\n";
  const std::string memory = "sys/fs/cgroup/memory/docker/1f/";
  const std::string cpu = "sys/fs/cgroup/cpu,cpuacct/docker/1f/";
  const std::string mounts = std::string(kMemory1) + kCpu1;
  const std::string none = "9223372036854771712\n";
  expect_limits({
      {"a container",
       files_of(groups, mounts,
                {{memory + "memory.limit_in_bytes", "268435456\n"},
                 {cpu + "cpu.cfs_quota_us", "200000\n"},
                 {cpu + "cpu.cfs_period_us", "100000\n"}}),
       256 * kMiB, 2.0},
      {"no limit",
       files_of(groups, mounts,
                {{memory + "memory.limit_in_bytes", none},
                 {cpu + "cpu.cfs_quota_us", "-1\n"},
                 {cpu + "cpu.cfs_period_us", "100000\n"}}),
       9223372036854771712U, std::nullopt},
      {"a group above has less",
       files_of(groups, mounts,
                {{memory + "memory.limit_in_bytes", none},
                 {"sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "134217728\n"}}),
       128 * kMiB, std::nullopt},
      {"a group above that cannot be seen has less",
       files_of(
           groups, "35 32 0:32 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory\n",
           {{"sys/fs/cgroup/memory/memory.limit_in_bytes", none},
            {"sys/fs/cgroup/memory/memory.stat", "cache 0\nhierarchical_memory_limit 134217728\ntotal_cache 0\n"}}),
       128 * kMiB, std::nullopt},
      {"a container without a namespace",
       files_of(groups, "35 32 0:32 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory\n",
                {{"sys/fs/cgroup/memory/memory.limit_in_bytes", "67108864\n"}}),
       64 * kMiB, std::nullopt},
      {"a name that only begins like the mount's root",
       files_of("4:memory:/docker/1fa\n", "35 32 0:32 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory\n",
                {{"sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1048576\n"}}),
       std::nullopt, std::nullopt},
      {"the other controllers say nothing of memory",
       files_of("2:cpu,cpuacct:/\n", mounts, {{"sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n"}}),
       std::nullopt, std::nullopt},
  });
}

TEST(ControlGroups, OfBothVersions) {
  const std::string groups = "4:memory:/a\n2:cpu,cpuacct:/a\n0::/a\n";
  const std::string mounts = std::string(kMemory1) + kCpu1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 c rw\n";
  expect_limits({
      {"memory by version 1",
       files_of(groups, mounts, {{"sys/fs/cgroup/memory/a/memory.limit_in_bytes", "67108864\n"}}), 64 * kMiB,
       std::nullopt},
      {"processors by version 2", files_of(groups, mounts, {{"sys/fs/cgroup/unified/a/cpu.max", "300000 100000\n"}}),
       std::nullopt, 3.0},
  });
}

TEST(ControlGroups, WhatIsMissingOrNoLimitIsNone) {
  const std::string own = "sys/fs/cgroup/memory.max";
  expect_limits({
      {"nothing at all", {}, std::nullopt, std::nullopt},
      {"no mounts", {{"proc/self/cgroup", "0::/\n"}, {own, "1\n"}}, std::nullopt, std::nullopt},
      {"no groups", files_of("", kUnified, {{own, "1\n"}}), std::nullopt, std::nullopt},
      {"no files", files_of("0::/\n", kUnified, {}), std::nullopt, std::nullopt},
      {"an empty file", files_of("0::/\n", kUnified, {{own, ""}}), std::nullopt, std::nullopt},
      {"not a number", files_of("0::/\n", kUnified, {{own, "12 MB\n"}}), std::nullopt, std::nullopt},
      {"a negative number", files_of("0::/\n", kUnified, {{own, "-5\n"}}), std::nullopt, std::nullopt},
      {"more than 64 bits", files_of("0::/\n", kUnified, {{own, "99999999999999999999\n"}}), std::nullopt,
       std::nullopt},
      {"a period of 0", files_of("0::/\n", kUnified, {{"sys/fs/cgroup/cpu.max", "100000 0\n"}}), std::nullopt,
       std::nullopt},
      {"a quota alone", files_of("0::/\n", kUnified, {{"sys/fs/cgroup/cpu.max", "100000\n"}}), std::nullopt,
       std::nullopt},
      {"lines that are cut off",
       files_of("0:\n4\n:::\n\n0::\n0::relative\n",
                "1\n30 23 0:26 / /sys/fs/cgroup rw -\n30 - cgroup2\n- - - - - - -\n", {{own, "1\n"}}),
       std::nullopt, std::nullopt},
  });
}

}  // namespace
}  // namespace sconce::tests
