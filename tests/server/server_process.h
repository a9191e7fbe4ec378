#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sconce::tests {

/// A started `sconce serve`, on a free port unless `arguments` say another. Killed at the end if it still runs, and
/// when the thread that started it ends.
class ServerProcess {
 public:
  /// Returns when it listens, or has ended without. `before` is called in the new process before it becomes the server,
  /// and may do what a process between fork and exec may.
  ServerProcess(const std::filesystem::path& data, const std::vector<std::string>& arguments = {},
                const std::function<void()>& before = {});
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// 0 if it did not come to listen.
  std::uint16_t port() const { return port_; }
  pid_t process() const { return process_; }
  void send_signal(int signal) const;

  /// What it has had in memory at most (VmHWM) since its start, or since `forget_peak_memory`.
  std::uint64_t peak_memory_bytes() const;
  void forget_peak_memory() const;
  /// Of its processors, all threads together.
  double cpu_seconds() const;

  /// Waits for its end. The exit status, or minus the signal that ended it.
  int wait();

  /// What it has written to standard error so far; whole after `wait`.
  std::string log() const;

  /// Waits, up to 30 s, until it has written the text to standard error this many times. Returns whether it has.
  bool wait_for_log(const std::string& text, std::size_t times = 1);

 private:
  void read_until_listening();

  pid_t process_ = -1;
  int error_pipe_ = -1;
  std::uint16_t port_ = 0;
  std::string log_;
  mutable std::mutex log_mutex_;
  std::condition_variable log_grown_;
  std::thread reader_;
};

}  // namespace sconce::tests
