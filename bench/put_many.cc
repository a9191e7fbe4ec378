// PUTs objects over HTTP, by connections that each wait for an answer before they send the next.
//
//   put_many PORT COUNT BYTES CONNECTIONS [FIRST]
//
// The keys are many/FIRST, many/FIRST+1, …, from 0 if it is not said; no two objects are the same. Prints objects per
// second, and how long a PUT took.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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

struct Objects {
  std::uint64_t first;
  std::uint64_t count;
  std::size_t bytes;
};

/// Its last element says which it is. Exact below 2^24.
void mark(std::string& object, std::uint64_t number) {
  const float mark = static_cast<float>(number) * 0x1p-24F;
  std::memcpy(object.data() + object.size() - sizeof mark, &mark, sizeof mark);
}

void put_many(std::uint16_t port, Objects objects, std::size_t connections) {
  const std::string pattern = sconce::bench::random_tensor(objects.bytes);
  const std::uint64_t end = objects.first + objects.count;
  std::atomic<std::uint64_t> next = objects.first;
  std::vector<std::vector<double>> latencies(connections);
  std::vector<std::thread> threads;
  const Clock::time_point begin = Clock::now();
  for (std::vector<double>& mine : latencies) {
    threads.emplace_back([&] {
      sconce::bench::HttpClient client(port);
      std::string object = pattern;
      for (std::uint64_t i = next++; i < end; i = next++) {
        mark(object, i);
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
              static_cast<unsigned long long>(objects.count), pattern.size(), connections,
              static_cast<double>(objects.count) / seconds, percentile(all, 0.5), percentile(all, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) {
    std::fprintf(stderr, "put_many PORT COUNT BYTES CONNECTIONS [FIRST]\n");
    return 2;
  }
  const Objects objects{.first = argc == 6 ? std::strtoull(argv[5], nullptr, 10) : 0,
                        .count = std::strtoull(argv[2], nullptr, 10),
                        .bytes = std::max(sizeof(float), std::size_t{std::strtoull(argv[3], nullptr, 10)})};
  put_many(static_cast<std::uint16_t>(std::atoi(argv[1])), objects,
           static_cast<std::size_t>(std::max(1, std::atoi(argv[4]))));
  return 0;
}
