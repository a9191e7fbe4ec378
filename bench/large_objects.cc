// Large objects in large numbers: what a PUT, a GET and a DELETE cost while there are more and more of them.
//
//   large_objects fill PORT FIRST COUNT     PUTs of 300 KiB over 16 connections, and the rate
//   large_objects beside PORT COUNT         PUTs of 4 KiB over 4 connections, and how long one took
//   large_objects read PORT COUNT READS     GETs of keys at random over 8 connections
//   large_objects churn PORT COUNT          deletes every fourth of the keys, and overwrites every fourth
//
// The keys are large/0, large/1, … and small/0, …

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
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
  const double seconds = milliseconds_since(begin) / 1000;
  std::vector<double> all;
  for (const std::vector<double>& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
  std::printf("%s, %llu from %llu on: %.0f/s, p50 %.2f ms, p99 %.2f ms\n", what, static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(first), static_cast<double>(count) / seconds, percentile(all, 0.5),
              percentile(all, 0.99));
}

void put(HttpClient& client, const std::string& key, const std::string& object) {
  client.exchange(sconce::bench::put_head(key, object.size()), object);
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
    measure("GET of 300 KiB", port, 0, b, 8, [&](HttpClient& client, std::uint64_t i) {
      std::mt19937_64 random(i);
      client.exchange(sconce::bench::get_head("/v1/objects/" + large_key(random() % a)));
    });
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
    std::fprintf(stderr, "large_objects fill|beside|read|churn PORT NUMBER [NUMBER]\n");
    return 2;
  }
  return run(argv[1], static_cast<std::uint16_t>(number(argv[2])), number(argv[3]), argc > 4 ? number(argv[4]) : 0);
}
