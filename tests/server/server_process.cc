#include "tests/server/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <limits>
#include <regex>
#include <stdexcept>

namespace sconce::tests {

namespace {

std::vector<std::string> command_line(const std::filesystem::path& data, const std::vector<std::string>& arguments) {
  std::vector<std::string> line = {SCONCE_PROGRAM, "serve", "--data", data.string()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  if (std::ranges::find(arguments, "--listen") == arguments.end()) {
    line.insert(line.end(), {"--listen", "127.0.0.1:0"});
  }
  return line;
}

[[noreturn]] void become(std::vector<std::string> line) {
  std::vector<char*> pointers;
  for (std::string& each : line) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  _exit(127);
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& data, const std::vector<std::string>& arguments,
                             const std::function<void()>& before) {
  const std::vector<std::string> line = command_line(data, arguments);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork");
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDERR_FILENO);
    if (before) before();
    become(line);
  }
  close(ends[1]);
  error_pipe_ = ends[0];
  read_until_listening();
}

ServerProcess::~ServerProcess() {
  if (process_ > 0) {
    send_signal(SIGKILL);
    wait();
  }
}

std::uint64_t ServerProcess::peak_memory_bytes() const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  std::string name;
  std::uint64_t kib = 0;
  while (status >> name && name != "VmHWM:") status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  if (!(status >> kib)) throw std::runtime_error("the server's memory cannot be told");
  return kib * 1024;
}

void ServerProcess::forget_peak_memory() const {
  std::ofstream("/proc/" + std::to_string(process_) + "/clear_refs") << 5;
}

double ServerProcess::cpu_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("the server's processor time cannot be told");
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void ServerProcess::send_signal(int signal) const { kill(process_, signal); }

int ServerProcess::wait() {
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  if (reader_.joinable()) reader_.join();
  close(error_pipe_);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string ServerProcess::log() const {
  const std::lock_guard lock(log_mutex_);
  return log_;
}

/// What follows the line that names the port is read on a thread of its own, so that the process never waits for it.
void ServerProcess::read_until_listening() {
  static const std::regex listening("listening on [^\n]*:([0-9]+),");
  std::array<char, 4096> piece;
  std::smatch match;
  while (!std::regex_search(log_, match, listening)) {
    const ssize_t size = read(error_pipe_, piece.data(), piece.size());
    if (size <= 0) return;
    log_.append(piece.data(), static_cast<std::size_t>(size));
  }
  port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
  reader_ = std::thread([this] {
    std::array<char, 4096> more;
    for (ssize_t size = 0; (size = read(error_pipe_, more.data(), more.size())) > 0;) {
      const std::lock_guard lock(log_mutex_);
      log_.append(more.data(), static_cast<std::size_t>(size));
      log_grown_.notify_all();
    }
  });
}

bool ServerProcess::wait_for_log(const std::string& text, std::size_t times) {
  const auto stands = [&] {
    std::size_t at = 0;
    for (std::size_t i = 0; i < times && at != std::string::npos; ++i) {
      at = log_.find(text, at);
      if (at != std::string::npos) at += text.size();
    }
    return at != std::string::npos;
  };
  std::unique_lock lock(log_mutex_);
  return log_grown_.wait_for(lock, std::chrono::seconds(30), stands);
}

}  // namespace sconce::tests
