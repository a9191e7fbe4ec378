// How a client with a token fares beside clients without one.
//
//   strangers PORT TOKEN [STRANGERS SECONDS]
//
// So many strangers, from an address of their own, each on a connection: they send the head of a PUT of 2 MB, are
// refused, stay for 2 s, and come again. Beside them one client with the token, from
// another address, in turns: a GET of 4 KB, a GET of 4 MB, a PUT of 4 KB and one of 200 KB. Prints for each, alone and
// beside the strangers, how many were refused, and milliseconds: median, the 99th of a hundred, and the longest.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/random_tensor.h"

namespace {

using namespace sconce::bench;

constexpr std::chrono::seconds kStay(2);

struct Request {
  const char* name;
  std::string head;
  std::string body;
};

struct Measured {
  std::size_t refused = 0;
  std::vector<double> ms = {};
};

/// `lines` with the token in it.
std::string with_token(std::string head, const std::string& token) {
  return head.insert(head.size() - 2, "Authorization: Bearer " + token + "\r\n");
}

std::vector<Request> requests_of(const std::string& token, const std::string& small, const std::string& large) {
  const std::string middle = random_tensor(200'000);
  return {{"GET 4 KB", with_token(get_head("/v1/objects/small"), token), ""},
          {"GET 4 MB", with_token(get_head("/v1/objects/large"), token), ""},
          {"PUT 4 KB", with_token(put_head("small", small.size()), token), small},
          {"PUT 200 KB", with_token(put_head("middle", middle.size()), token), middle},
          {"", with_token(put_head("large", large.size()), token), large}};
}

/// The one good client, for so long.
std::vector<Measured> measure(std::uint16_t port, const std::vector<Request>& requests, double seconds) {
  std::vector<Measured> measured(requests.size());
  std::optional<HttpClient> client(port);
  const Clock::time_point begin = Clock::now();
  while (milliseconds_since(begin) < seconds * 1000) {
    for (std::size_t i = 0; i + 1 < requests.size(); ++i) {
      const Clock::time_point sent = Clock::now();
      const unsigned status = client->status_of(requests[i].head, requests[i].body);
      measured[i].ms.push_back(milliseconds_since(sent));
      if (status / 100 == 2) continue;
      measured[i].refused += 1;
      client.emplace(port);
    }
  }
  return measured;
}

void print(const char* beside, const std::vector<Request>& requests, std::vector<Measured> measured) {
  for (std::size_t i = 0; i + 1 < requests.size(); ++i) {
    Measured& each = measured[i];
    const double middle = median(each.ms);
    const double late = percentile(each.ms, 0.99);
    std::printf("%s: %zu times %s, %zu refused: median %.2f ms, 99th %.2f ms, longest %.2f ms\n", beside,
                each.ms.size(), requests[i].name, each.refused, middle, late, percentile(each.ms, 1));
  }
}

/// Until `stop` is true.
void be_strange(std::uint16_t port, const std::atomic<bool>& stop, std::atomic<std::size_t>& came) {
  while (!stop) {
    HttpClient stranger(port, {.from = "127.0.0.2", .piece_bytes = 4096});
    stranger.status_of(put_head("theirs", 2'000'000));
    came += 1;
    std::this_thread::sleep_for(kStay);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "strangers PORT TOKEN [STRANGERS SECONDS]\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::size_t count = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1000;
  const double seconds = argc > 4 ? std::strtod(argv[4], nullptr) : 10;
  const std::string small = random_tensor(4000);
  const std::vector<Request> requests = requests_of(argv[2], small, random_tensor(4'000'000));
  HttpClient(port).exchange(requests.back().head, requests.back().body);
  HttpClient(port).exchange(requests[2].head, requests[2].body);
  print("alone", requests, measure(port, requests, seconds));
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> came = 0;
  std::vector<std::thread> strangers;
  for (std::size_t i = 0; i < count; ++i) strangers.emplace_back(be_strange, port, std::cref(stop), std::ref(came));
  while (came < count) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const std::string name = "beside " + std::to_string(count) + " strangers";
  print(name.c_str(), requests, measure(port, requests, seconds));
  stop = true;
  for (std::thread& stranger : strangers) stranger.join();
  std::printf("the strangers came %zu times\n", came.load());
  return 0;
}
