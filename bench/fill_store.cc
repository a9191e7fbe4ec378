// Fills a data directory that no server has open.
//
//   fill_store DIR COUNT BYTES
//
// The keys are samples/0000000, samples/0000001, ….

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/random_tensor.h"
#include "server/storage/rocksdb/store.h"

namespace {

using namespace sconce::server::storage;

constexpr std::uint64_t kCommitMax = 10'000;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "fill_store: %s\n", why.c_str());
  std::exit(1);
}

std::string key_of(std::uint64_t number) {
  std::array<char, 40> key{};
  std::snprintf(key.data(), key.size(), "samples/%07llu", static_cast<unsigned long long>(number));
  return key.data();
}

void fill(const std::string& directory, std::uint64_t count, std::size_t bytes) {
  const std::string object = sconce::bench::random_tensor(bytes);
  auto store = open_rocksdb_store({.directory = directory});
  if (!store) give_up(store.error().what);
  for (std::uint64_t done = 0; done < count;) {
    std::vector<Write> writes;
    for (; done < count && writes.size() < kCommitMax; ++done) {
      auto upload = (*store)->begin_upload(object.size());
      if (!upload) give_up(upload.error().what);
      if (const Status written = (*upload)->write(std::as_bytes(std::span(object))); !written) {
        give_up(written.error().what);
      }
      const Annotations annotations{.root_kind = "tensor", .user_metadata = {}};
      writes.push_back({.key = key_of(done), .condition = {}, .what = Put{std::move(*upload), annotations}});
    }
    if (const auto outcome = (*store)->commit(std::move(writes)); !outcome) give_up(outcome.error().what);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "fill_store DIR COUNT BYTES\n");
    return 2;
  }
  fill(argv[1], std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
  return 0;
}
