// One tensor out of a large checkpoint, against a whole object of the same size, on one keep-alive connection, in
// turns.
//
//   part_get PORT [TENSORS BYTES ROUNDS]
//
// The checkpoint is a table of so many tensors. Prints milliseconds of each: median and the 99th of a hundred.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/checkpoint.h"
#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/random_tensor.h"

namespace {

using namespace sconce::bench;

void put_checkpoint(HttpClient& client, const Checkpoint& checkpoint) {
  client.exchange_pieces(put_head("checkpoint", checkpoint.size_bytes()),
                         [&](const auto& send) { checkpoint.write(send); });
}

void measure(std::uint16_t port, std::size_t count, std::size_t bytes, int rounds) {
  HttpClient client(port);
  put_checkpoint(client, {.tensors = count, .element_bytes = bytes});
  const std::string whole = random_tensor(bytes);
  client.exchange(put_head("whole", whole.size()), whole);
  struct Row {
    const char* name;
    std::function<std::string(int)> target;
    std::vector<double> ms = {};
  };
  const auto part = [count](int i) { return "?path=" + Checkpoint::name_of(static_cast<std::size_t>(i) * 37 % count); };
  Row rows[] = {
      {"whole object of that size", [](int) { return std::string("/v1/objects/whole"); }},
      {"part, binary", [&](int i) { return "/v1/objects/checkpoint" + part(i); }},
      {"part, npy", [&](int i) { return "/v1/objects/checkpoint" + part(i) + "&format=npy"; }},
      {"part, safetensors", [&](int i) { return "/v1/objects/checkpoint" + part(i) + "&format=safetensors"; }},
      {"a row of it, npy", [&](int i) { return "/v1/objects/checkpoint" + part(i) + "&slice=0:100&format=npy"; }},
      {"outline, one level",
       [](int) { return std::string("/v1/objects/checkpoint?view=outline&depth=1&path=") + Checkpoint::name_of(7); }},
      {"outline, all", [](int) { return std::string("/v1/objects/checkpoint?view=outline"); }}};
  for (int i = -5; i < rounds; ++i) {
    for (Row& row : rows) {
      const std::string head = get_head(row.target(i < 0 ? i + 5 : i));
      const Clock::time_point begin = Clock::now();
      client.exchange(head);
      if (i >= 0) row.ms.push_back(milliseconds_since(begin));
    }
  }
  std::printf("%zu tensors of %zu bytes, %d times each, in turns:\n", count, bytes, rounds);
  for (Row& row : rows) {
    std::printf("%-28s median %6.2f ms, 99th %6.2f ms\n", row.name, median(row.ms), percentile(row.ms, 0.99));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "part_get PORT [TENSORS BYTES ROUNDS]\n");
    return 2;
  }
  const auto argument = [&](int i, std::size_t otherwise) {
    return i < argc ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  measure(static_cast<std::uint16_t>(std::atoi(argv[1])), argument(2, 1024), argument(3, 1 << 20),
          static_cast<int>(argument(4, 100)));
  return 0;
}
