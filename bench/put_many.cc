// PUTs objects over HTTP, by connections that each wait for an answer before they send the next.
//
//   put_many PORT COUNT BYTES CONNECTIONS
//
// The keys are many/0, many/1, …. Prints objects per second, and how long a PUT took.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/random_tensor.h"

namespace {

using sconce::bench::Clock;
using sconce::bench::milliseconds_since;
using sconce::bench::percentile;

void put_many(std::uint16_t port, std::uint64_t count, std::size_t bytes, std::size_t connections) {
  const std::string object = sconce::bench::random_tensor(bytes);
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::vector<double>> latencies(connections);
  std::vector<std::thread> threads;
  const Clock::time_point begin = Clock::now();
  for (std::vector<double>& mine : latencies) {
    threads.emplace_back([&] {
      sconce::bench::HttpClient client(port);
      for (std::uint64_t i = next++; i < count; i = next++) {
        const Clock::time_point sent = Clock::now();
        client.exchange(sconce::bench::put_head("many/" + std::to_string(i), object.size()), object);
        mine.push_back(milliseconds_since(sent));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = milliseconds_since(begin) / 1000;
  std::vector<double> all;
  for (const std::vector<double>& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
  std::printf("%llu PUTs of %zu bytes, %zu connections: %.0f/s, p50 %.2f ms, p99 %.2f ms\n",
              static_cast<unsigned long long>(count), object.size(), connections, static_cast<double>(count) / seconds,
              percentile(all, 0.5), percentile(all, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "put_many PORT COUNT BYTES CONNECTIONS\n");
    return 2;
  }
  put_many(static_cast<std::uint16_t>(std::atoi(argv[1])), std::strtoull(argv[2], nullptr, 10),
           std::strtoull(argv[3], nullptr, 10), static_cast<std::size_t>(std::max(1, std::atoi(argv[4]))));
  return 0;
}
