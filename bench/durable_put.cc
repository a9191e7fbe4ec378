// Durable writes of large objects, by a server, by the store without one, and by the disk alone, in turns.
//
//   durable_put DIR PORT [ROUNDS] [SECONDS] [BYTES]
//
// The disk: 8 threads that each write a file of BYTES and fdatasync it. The store: 64 threads that each put an object
// of BYTES. The server, which listens on PORT and has its data on the same disk: 64 connections that each PUT one. All
// overwrite what they wrote, so store and server also give space back. Prints writes per second, the medians and their
// ratios to the disk.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/http_client.h"
#include "bench/random_tensor.h"
#include "server/storage/rocksdb/store.h"

namespace {

using namespace sconce::server::storage;
using Clock = std::chrono::steady_clock;

constexpr int kDiskThreads = 8;
constexpr int kStoreThreads = 64;  // and connections
constexpr int kNamesOfAThread = 4;

struct Arguments {
  std::filesystem::path directory;
  std::uint16_t port = 0;
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

double rate_of_server(const Arguments& arguments, const std::string& bytes) {
  std::vector<std::unique_ptr<sconce::bench::HttpClient>> clients;
  for (int i = 0; i < kStoreThreads; ++i) {
    clients.push_back(std::make_unique<sconce::bench::HttpClient>(arguments.port));
  }
  return rate_of(kStoreThreads, arguments.seconds, [&](int thread, int number) {
    const std::string head = sconce::bench::put_head(name_of(thread, number), bytes.size());
    clients[static_cast<std::size_t>(thread)]->exchange(head, bytes);
  });
}

/// What was written at the same time as what.
struct Round {
  double disk;
  double store;
  double server;
};

/// Median and range of what `value` gives for each round.
void print(const char* name, const std::vector<Round>& rounds, const std::function<double(const Round&)>& value,
           int decimals) {
  std::vector<double> values;
  for (const Round& round : rounds) values.push_back(value(round));
  std::ranges::sort(values);
  std::printf("%-14s median %7.*f, from %.*f to %.*f\n", name, decimals, values[values.size() / 2], decimals,
              values.front(), decimals, values.back());
}

void run(const Arguments& arguments) {
  const std::string bytes = sconce::bench::random_tensor(arguments.bytes);
  auto store = open_rocksdb_store({.directory = arguments.directory / "store"});
  if (!store) give_up(store.error().what);
  std::vector<Round> rounds;
  for (int i = 0; i < arguments.rounds; ++i) {
    Round round{};
    round.disk = rate_of_disk(arguments, bytes);
    round.store = rate_of_store(**store, arguments, bytes);
    round.server = rate_of_server(arguments, bytes);
    std::printf("round %d: disk %.0f/s, store %.0f/s, server %.0f/s\n", i + 1, round.disk, round.store, round.server);
    rounds.push_back(round);
  }
  print("disk/s", rounds, [](const Round& round) { return round.disk; }, 0);
  print("store/s", rounds, [](const Round& round) { return round.store; }, 0);
  print("server/s", rounds, [](const Round& round) { return round.server; }, 0);
  print("store / disk", rounds, [](const Round& round) { return round.store / round.disk; }, 2);
  print("server / disk", rounds, [](const Round& round) { return round.server / round.disk; }, 2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) give_up("durable_put DIR PORT [ROUNDS] [SECONDS] [BYTES]");
  Arguments arguments{.directory = argv[1], .port = static_cast<std::uint16_t>(std::atoi(argv[2]))};
  if (argc > 3) arguments.rounds = std::max(1, std::atoi(argv[3]));
  if (argc > 4) arguments.seconds = std::max(1, std::atoi(argv[4]));
  if (argc > 5) arguments.bytes = static_cast<std::size_t>(std::max(1L, std::atol(argv[5])));
  run(arguments);
  return 0;
}
