// Durable writes of large objects, by the store and by the disk alone, in turns.
//
//   durable_put DIR [ROUNDS] [SECONDS] [BYTES]
//
// The disk: 8 threads that each write a file of BYTES and fdatasync it. The store: 64 threads that each put an object
// of BYTES. Both overwrite what they wrote, so the store also gives space back. Prints writes per second, the medians
// and their ratio.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "server/storage/rocksdb_store.h"

namespace {

using namespace sconce::server::storage;
using Clock = std::chrono::steady_clock;

constexpr int kDiskThreads = 8;
constexpr int kStoreThreads = 64;
constexpr int kNamesOfAThread = 4;

struct Arguments {
  std::filesystem::path directory;
  int rounds = 5;
  int seconds = 5;
  std::size_t bytes = 1 << 20;
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "durable_put: %s\n", why.c_str());
  std::exit(1);
}

/// Does `write(thread, number)` on each thread until the time is over; writes per second.
double rate_of(int threads, int seconds, const std::function<void(int, int)>& write) {
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> writes = 0;
  std::vector<std::thread> running;
  const Clock::time_point begin = Clock::now();
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (int number = 0; !stop; ++number) {
        write(thread, number);
        writes += 1;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  stop = true;
  for (std::thread& thread : running) thread.join();
  return static_cast<double>(writes) / std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string name_of(int thread, int number) {
  return std::to_string(thread) + '-' + std::to_string(number % kNamesOfAThread);
}

double rate_of_disk(const Arguments& arguments, const std::string& bytes) {
  const std::filesystem::path directory = arguments.directory / "files";
  std::filesystem::create_directories(directory);
  return rate_of(kDiskThreads, arguments.seconds, [&](int thread, int number) {
    const std::filesystem::path path = directory / name_of(thread, number);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = file >= 0 && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
                         ::fdatasync(file) == 0;
    if (!written) give_up("cannot write " + path.string());
    ::close(file);
  });
}

double rate_of_store(Store& store, const Arguments& arguments, const std::string& bytes) {
  return rate_of(kStoreThreads, arguments.seconds, [&](int thread, int number) {
    auto upload = store.begin_upload(bytes.size());
    if (!upload) give_up(upload.error().what);
    if (const Status written = (*upload)->write(std::as_bytes(std::span(bytes))); !written) {
      give_up(written.error().what);
    }
    std::vector<Write> writes(1);
    writes[0] = {.key = name_of(thread, number), .condition = {}, .what = Put{std::move(*upload)}};
    if (const auto outcome = store.commit(std::move(writes)); !outcome) give_up(outcome.error().what);
  });
}

std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(1);
  std::string bytes;
  while (bytes.size() < size) {
    const std::uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(size);
  return bytes;
}

void print_rates(const char* name, std::vector<double> rates) {
  std::ranges::sort(rates);
  std::printf("%-6s median %7.0f/s, from %.0f to %.0f\n", name, rates[rates.size() / 2], rates.front(), rates.back());
}

void run(const Arguments& arguments) {
  const std::string bytes = random_bytes(arguments.bytes);
  auto store = open_rocksdb_store({.directory = arguments.directory / "store"});
  if (!store) give_up(store.error().what);
  std::vector<double> disk;
  std::vector<double> stored;
  std::vector<double> ratios;
  for (int round = 0; round < arguments.rounds; ++round) {
    disk.push_back(rate_of_disk(arguments, bytes));
    stored.push_back(rate_of_store(**store, arguments, bytes));
    ratios.push_back(stored.back() / disk.back());
    std::printf("round %d: disk %.0f/s, store %.0f/s\n", round + 1, disk.back(), stored.back());
  }
  print_rates("disk", disk);
  print_rates("store", stored);
  std::ranges::sort(ratios);
  std::printf("ratio  median %7.2f, from %.2f to %.2f\n", ratios[ratios.size() / 2], ratios.front(), ratios.back());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) give_up("durable_put DIR [ROUNDS] [SECONDS] [BYTES]");
  Arguments arguments{.directory = argv[1]};
  if (argc > 2) arguments.rounds = std::max(1, std::atoi(argv[2]));
  if (argc > 3) arguments.seconds = std::max(1, std::atoi(argv[3]));
  if (argc > 4) arguments.bytes = static_cast<std::size_t>(std::max(1L, std::atol(argv[4])));
  run(arguments);
  return 0;
}
