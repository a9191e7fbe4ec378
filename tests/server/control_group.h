#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace sconce::tests {

/// A control group of version 1 or 2, below this process's own, that may have so much memory. Removed at the end; then
/// nothing may run in it any more.
class ControlGroup {
 public:
  /// Null where none can be made: it takes root, and a memory controller that is not the machine's alone.
  static std::unique_ptr<ControlGroup> with_memory(std::uint64_t bytes);
  ~ControlGroup();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  /// Takes the process that calls it into the group; it may be called between fork and exec.
  std::function<void()> enter() const;

 private:
  explicit ControlGroup(std::filesystem::path directory) : directory_(std::move(directory)) {}

  const std::filesystem::path directory_;
};

}  // namespace sconce::tests
