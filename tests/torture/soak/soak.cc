#include "tests/torture/soak/soak.h"

#include <signal.h>

#include <fstream>
#include <future>
#include <limits>
#include <stdexcept>

#include "tests/torture/check_data.h"

namespace sconce::tests {

namespace {

constexpr int kWorkers = 8;
constexpr double kFull = 0.95;

double resident_mb(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string name;
  double kib = 0;
  while (status >> name && name != "VmRSS:") status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  if (!(status >> kib)) throw std::runtime_error("the server has ended");
  return kib * 1024 / 1e6;
}

}  // namespace

Soak::Soak(std::uint64_t volume_bytes, std::uint64_t seed)
    : volume_bytes_(volume_bytes), volume_(directory_.path() / "volume", volume_bytes) {
  start();
  for (int i = 0; i < kWorkers; ++i) {
    workers_.emplace_back(SoakWorker::Options{.port = server_->port(),
                                              .number = i,
                                              .seed = seed + static_cast<std::uint64_t>(i),
                                              .is_full = [this] { return is_full(); },
                                              .live_bytes = live_bytes_,
                                              .figures = figures_});
  }
}

/// With a cache that is full soon, so that memory which grows later is not the cache.
void Soak::start() {
  const std::vector<std::string> arguments = {"--cache-bytes", "67108864"};
  server_.emplace(volume_.directory() / "data", arguments, [this] { volume_.enter(); });
  if (server_->port() == 0) throw std::runtime_error("the server does not start: " + server_->log());
}

void Soak::stop() {
  server_->send_signal(SIGTERM);
  if (server_->wait() != 0) throw std::runtime_error("the server does not end in peace: " + server_->log());
}

std::uint64_t Soak::used_bytes() const { return volume_bytes_ - volume_.free_bytes(); }

bool Soak::is_full() const { return static_cast<double>(used_bytes()) >= kFull * static_cast<double>(volume_bytes_); }

void Soak::fill() {
  on_all([this](SoakWorker& worker) {
    while (!is_full()) worker.fill();
  });
  figures_.take();
}

SoakMinute Soak::work_for(std::chrono::seconds time) {
  const auto begin = std::chrono::steady_clock::now();
  on_all([&](SoakWorker& worker) {
    while (std::chrono::steady_clock::now() - begin < time) worker.step();
  });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  SoakMinute minute = minute_of(figures_.take(), seconds.count());
  minute.memory_mb = resident_mb(server_->process());
  minute.volume_full = static_cast<double>(used_bytes()) / static_cast<double>(volume_bytes_);
  minute.volume_ratio = static_cast<double>(used_bytes()) / static_cast<double>(live_bytes_.load());
  return minute;
}

std::uint64_t Soak::end() {
  const std::uint64_t count = read_all();
  stop();
  start();
  for (SoakWorker& worker : workers_) worker.connect_to(server_->port());
  read_all();
  stop();
  check_data(volume_.path() / "data");
  return count;
}

std::uint64_t Soak::read_all() {
  std::atomic<std::uint64_t> count = 0;
  on_all([&](SoakWorker& worker) { count += worker.read_all(); });
  return count;
}

/// The first fault is thrown once all have ended.
void Soak::on_all(const std::function<void(SoakWorker&)>& run) {
  std::vector<std::future<void>> runs;
  for (SoakWorker& worker : workers_) runs.push_back(std::async(std::launch::async, [&] { run(worker); }));
  for (std::future<void>& each : runs) each.wait();
  try {
    for (std::future<void>& each : runs) each.get();
  } catch (const std::runtime_error& fault) {
    throw std::runtime_error(fault.what() + std::string("\nthe log of the server:\n") + server_->log());
  }
}

}  // namespace sconce::tests
