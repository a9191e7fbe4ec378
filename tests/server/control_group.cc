#include "tests/server/control_group.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace sconce::tests {

namespace {

namespace fs = std::filesystem;

/// The path of this process's group in the hierarchy of that controller; of version 2 it is the `0:`. Empty: none.
std::string own_group(const std::string& controllers) {
  std::ifstream lines("/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(controllers + ":/");
    if (at != std::string::npos) return line.substr(at + controllers.size() + 1);
  }
  return "";
}

/// False: it cannot be written.
bool write(const fs::path& file, const std::string& text) {
  std::ofstream stream(file);
  stream << text << std::flush;
  return stream.good();
}

/// A new group with that limit; empty if it cannot be.
fs::path make(const fs::path& parent, const std::string& limit_file, std::uint64_t bytes) {
  const fs::path directory = parent / ("sconce-test-" + std::to_string(getpid()));
  std::error_code failed;
  if (!fs::create_directory(directory, failed)) return {};
  if (fs::exists(directory / limit_file) && write(directory / limit_file, std::to_string(bytes))) return directory;
  fs::remove(directory, failed);
  return {};
}

}  // namespace

std::unique_ptr<ControlGroup> ControlGroup::with_memory(std::uint64_t bytes) {
  fs::path directory;
  if (const std::string own = own_group(":memory"); !own.empty()) {
    directory = make("/sys/fs/cgroup/memory" + own, "memory.limit_in_bytes", bytes);
  } else if (const std::string unified = own_group("0:"); !unified.empty()) {
    const fs::path parent = "/sys/fs/cgroup" + unified;
    write(parent / "cgroup.subtree_control", "+memory");  // refused where processes are in the parent itself
    directory = make(parent, "memory.max", bytes);
    if (!directory.empty()) write(directory / "memory.swap.max", "0");
  }
  return directory.empty() ? nullptr : std::unique_ptr<ControlGroup>(new ControlGroup(directory));
}

/// It is busy until the kernel has let go of the last process.
ControlGroup::~ControlGroup() {
  for (int i = 0; i < 100 && ::rmdir(directory_.c_str()) != 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::function<void()> ControlGroup::enter() const {
  return [processes = (directory_ / "cgroup.procs").string()] {
    const int file = ::open(processes.c_str(), O_WRONLY | O_CLOEXEC);
    // 0 is the process that writes. One that cannot enter must not run outside.
    if (file < 0 || ::write(file, "0", 1) != 1) ::_exit(126);
    ::close(file);
  };
}

}  // namespace sconce::tests
