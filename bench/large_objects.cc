// Large objects in large numbers: what a PUT, a GET and a DELETE cost while there are more and more of them.
//
//   large_objects fill PORT FIRST COUNT     PUTs of 300 KiB over 16 connections, and the rate
//   large_objects beside PORT COUNT         PUTs of 4 KiB over 4 connections, and how long one took
//   large_objects read PORT COUNT READS     GETs of different keys over 8 connections
//   large_objects churn PORT COUNT          deletes every fourth of the keys, and overwrites every fourth
//   large_objects overwrite PORT KEYS TIMES PUTs of 300 KiB that overwrite
//   large_objects disk FOLDER COUNT         what the disk does alone: 300 KiB and a sync, by 16 threads, a file each;
//                                           then 4 KiB and a sync by one thread, alone and beside them
//
// The keys are large/0, large/1, … and small/0, …

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/random_tensor.h"

namespace {

using sconce::bench::Clock;
using sconce::bench::HttpClient;
using sconce::bench::milliseconds_since;
using sconce::bench::percentile;

constexpr std::size_t kLargeBytes = 300 << 10;
constexpr std::size_t kSmallBytes = 4 << 10;

std::string large_key(std::uint64_t i) { return "large/" + std::to_string(i); }

/// How many a second, and how long one took.
void print(const std::string& what, const std::vector<std::vector<double>>& latencies, double took_ms) {
  std::vector<double> all;
  for (const std::vector<double>& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
  std::printf("%s: %zu, %.0f/s, p50 %.2f ms, p99 %.2f ms\n", what.c_str(), all.size(),
              1000 * static_cast<double>(all.size()) / took_ms, percentile(all, 0.5), percentile(all, 0.99));
}

/// Runs `work` of each number from `first` on, and prints how many a second, and how long one took.
void measure(const char* what, std::uint16_t port, std::uint64_t first, std::uint64_t count, std::size_t connections,
             const std::function<void(HttpClient&, std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next = first;
  std::vector<std::vector<double>> latencies(connections);
  std::vector<std::thread> threads;
  const Clock::time_point begin = Clock::now();
  for (std::vector<double>& mine : latencies) {
    threads.emplace_back([&] {
      HttpClient client(port);
      for (std::uint64_t i = next++; i < first + count; i = next++) {
        const Clock::time_point sent = Clock::now();
        work(client, i);
        mine.push_back(milliseconds_since(sent));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  print(std::string(what) + " from " + std::to_string(first) + " on", latencies, milliseconds_since(begin));
}

void put(HttpClient& client, const std::string& key, const std::string& object) {
  client.exchange(sconce::bench::put_head(key, object.size()), object);
}

/// A file that grows by pieces, each synced. Ends the program where that fails.
class SyncedFile {
 public:
  explicit SyncedFile(const std::string& path) : file_(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600)) {}
  ~SyncedFile() { ::close(file_); }
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  void append(const std::string& bytes) const {
    const bool done = ::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    if (done && ::fdatasync(file_) == 0) return;
    std::perror("the disk");
    std::exit(1);
  }

 private:
  const int file_;
};

/// Until `count` pieces are written or `stopped` is true.
void write_large(const std::string& folder, std::uint64_t count, const std::atomic<bool>& stopped, const char* what) {
  constexpr std::size_t kThreads = 16;
  const std::string large(kLargeBytes, 'x');
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::vector<double>> latencies(kThreads);
  std::vector<std::thread> threads;
  const Clock::time_point begin = Clock::now();
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const SyncedFile file(folder + "/" + what + std::to_string(t));
      while (!stopped && next++ < count) {
        const Clock::time_point began = Clock::now();
        file.append(large);
        latencies[t].push_back(milliseconds_since(began));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  print("the disk alone, 300 KiB", latencies, milliseconds_since(begin));
}

void write_small(const std::string& folder, std::uint64_t count, const char* what) {
  const std::string small(kSmallBytes, 'x');
  const SyncedFile file(folder + "/" + what);
  std::vector<double> latencies;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    const Clock::time_point began = Clock::now();
    file.append(small);
    latencies.push_back(milliseconds_since(began));
  }
  print(what, {latencies}, milliseconds_since(begin));
}

void measure_disk(const std::string& folder, std::uint64_t count) {
  std::atomic<bool> stopped = false;
  write_large(folder, count, stopped, "large");
  write_small(folder, count, "the disk alone, 4 KiB");
  std::thread beside([&] { write_large(folder, ~std::uint64_t{0}, stopped, "beside"); });
  write_small(folder, count, "the disk alone, 4 KiB beside 300 KiB");
  stopped = true;
  beside.join();
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

int run(std::string_view what, std::uint16_t port, std::uint64_t a, std::uint64_t b) {
  const std::string large = sconce::bench::random_tensor(kLargeBytes);
  if (what == "fill") {
    measure("PUT of 300 KiB", port, a, b, 16,
            [&](HttpClient& client, std::uint64_t i) { put(client, large_key(i), large); });
  } else if (what == "beside") {
    const std::string small = sconce::bench::random_tensor(kSmallBytes);
    measure("PUT of 4 KiB", port, 0, a, 4,
            [&](HttpClient& client, std::uint64_t i) { put(client, "small/" + std::to_string(i), small); });
  } else if (what == "read") {
    constexpr std::uint64_t kPrime = 7919;  // so that they come in no order
    measure("GET of 300 KiB", port, 0, std::min(a, b), 8, [&](HttpClient& client, std::uint64_t i) {
      client.exchange(sconce::bench::get_head("/v1/objects/" + large_key(i * kPrime % a)));
    });
  } else if (what == "overwrite") {
    measure("overwriting PUT of 300 KiB", port, 0, a * b, 16,
            [&](HttpClient& client, std::uint64_t i) { put(client, large_key(i % a), large); });
  } else if (what == "churn") {
    measure("DELETE", port, 0, a / 4, 16, [&](HttpClient& client, std::uint64_t i) {
      client.exchange("DELETE /v1/objects/" + large_key(4 * i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    });
    measure("overwriting PUT of 300 KiB", port, 0, a / 4, 16,
            [&](HttpClient& client, std::uint64_t i) { put(client, large_key(4 * i + 1), large); });
  } else {
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "large_objects fill|beside|read|churn|overwrite|disk PORT|FOLDER NUMBER [NUMBER]\n");
    return 2;
  }
  if (std::string_view(argv[1]) == "disk") {
    measure_disk(argv[2], number(argv[3]));
    return 0;
  }
  return run(argv[1], static_cast<std::uint16_t>(number(argv[2])), number(argv[3]), argc > 4 ? number(argv[4]) : 0);
}
