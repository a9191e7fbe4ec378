// Items by POST /v1/batch/get against single GETs, on one keep-alive connection each, in turns.
//
//   batch_get PORT [ITEMS BYTES ROUNDS]
//
// Prints items per second of each round, and the medians' ratio.

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/random_tensor.h"

namespace {

using namespace sconce::bench;

constexpr double kRoundMs = 1000;

/// Items per second, for about a second; `turn` gets so many at once.
double rate_of(std::size_t items, const std::function<void()>& turn) {
  const Clock::time_point begin = Clock::now();
  std::size_t done = 0;
  while (milliseconds_since(begin) < kRoundMs) {
    turn();
    done += items;
  }
  return static_cast<double>(done) / milliseconds_since(begin) * 1000;
}

std::string key_of(std::size_t i) { return "batch/" + std::to_string(i); }

void compare(std::uint16_t port, std::size_t items, std::size_t bytes, int rounds) {
  HttpClient client(port);
  const std::string object = random_tensor(bytes);
  std::string list;
  for (std::size_t i = 0; i < items; ++i) {
    client.exchange(put_head(key_of(i), object.size()), object);
    list += (i == 0 ? "" : ",") + std::string("{\"key\":\"") + key_of(i) + "\"}";
  }
  const std::string tar = "{\"items\":[" + list + "]}";
  const std::string stack = "{\"items\":[" + list + "],\"as\":\"stack\"}";
  const auto post = [&client](const std::string& body) {
    client.exchange(post_head("/v1/batch/get", body.size()), body);
  };
  std::vector<std::string> gets;
  for (std::size_t i = 0; i < items; ++i) gets.push_back(get_head("/v1/objects/" + key_of(i)));
  std::vector<double> single;
  std::vector<double> tarred;
  std::vector<double> stacked;
  std::size_t next = 0;
  for (int round = 0; round < rounds; ++round) {
    single.push_back(rate_of(1, [&] { client.exchange(gets[next++ % gets.size()]); }));
    tarred.push_back(rate_of(items, [&] { post(tar); }));
    stacked.push_back(rate_of(items, [&] { post(stack); }));
    std::printf("round %d: single GETs %.0f/s, as=tar %.0f items/s (%.1f x), as=stack %.0f items/s (%.1f x)\n",
                round + 1, single.back(), tarred.back(), tarred.back() / single.back(), stacked.back(),
                stacked.back() / single.back());
  }
  std::printf("%zu items of %zu bytes, medians: tar %.1f x, stack %.1f x single GETs\n", items, object.size(),
              median(tarred) / median(single), median(stacked) / median(single));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "batch_get PORT [ITEMS BYTES ROUNDS]\n");
    return 2;
  }
  const auto argument = [&](int i, std::size_t otherwise) {
    return i < argc ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  compare(static_cast<std::uint16_t>(std::atoi(argv[1])), argument(2, 64), argument(3, 10 * 1024),
          static_cast<int>(argument(4, 5)));
  return 0;
}
