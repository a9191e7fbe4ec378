#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sconce::server {

/// What the control groups of a process allow it; nothing where they set no limit, or where it cannot be seen.
struct ControlGroupLimits {
  std::optional<std::uint64_t> memory_bytes;
  std::optional<double> processors;  ///< Of a quota: the time on processors that it may take, by the time that passes.
};

/// The limits of this process: of its own group and of every group above it, as far as they can be seen, the least. Of
/// version 2, `memory.max`, `memory.high` and `cpu.max`; of version 1, `memory.limit_in_bytes`, the
/// `hierarchical_memory_limit` of `memory.stat`, and `cpu.cfs_quota_us`. A file that is missing or cannot be read as
/// what it should be sets no limit. `root` is where `/proc` and what it names lie: `/`, but for a test.
/// Threads: no state. Source: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1; proc(5), mountinfo;
/// cgroup_namespaces(7).
ControlGroupLimits control_group_limits(const std::filesystem::path& root);

}  // namespace sconce::server
