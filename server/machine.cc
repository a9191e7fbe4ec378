#include "server/machine.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <memory>
#include <thread>

#include "server/control_groups.h"

namespace sconce::server {

namespace {

/// Those that the process's affinity and its cpuset name.
unsigned processors_allowed() {
  constexpr int kProcessorsMax = 1 << 16;
  for (int count = CPU_SETSIZE; count <= kProcessorsMax; count *= 2) {
    const auto free = [](cpu_set_t* set) { CPU_FREE(set); };
    const std::unique_ptr<cpu_set_t, decltype(free)> set(CPU_ALLOC(static_cast<std::size_t>(count)));
    const std::size_t size_bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(count));
    if (set == nullptr) break;
    if (sched_getaffinity(0, size_bytes, set.get()) == 0) {
      return static_cast<unsigned>(std::max(1, CPU_COUNT_S(size_bytes, set.get())));
    }
    if (errno != EINVAL) break;  // EINVAL: the machine has more processors than the set has room for
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

std::uint64_t take_all_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t granted = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : granted;
}

Machine machine_granted() {
  Machine machine{.memory_bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                                  static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
                  .processors = processors_allowed()};
  const ControlGroupLimits limits = control_group_limits("/");
  if (limits.memory_bytes) machine.memory_bytes = std::min(machine.memory_bytes, *limits.memory_bytes);
  if (limits.processors && *limits.processors < machine.processors) {
    machine.processors = std::max(1U, static_cast<unsigned>(std::ceil(*limits.processors)));
  }
  return machine;
}

}  // namespace sconce::server
