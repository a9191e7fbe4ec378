// Writes tensors of random floats to stdout, in binary, one after the other.
//
//   make_tensor BYTES [COUNT]
//
// BYTES are those of the elements of each; no two tensors are the same.

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "bench/random_tensor.h"

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "make_tensor BYTES [COUNT]\n");
    return 2;
  }
  const std::size_t bytes = std::strtoull(argv[1], nullptr, 10);
  const auto count = static_cast<std::uint32_t>(argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 1);
  bool failed = false;
  const auto write = [&](std::string_view piece) {
    failed = failed || std::fwrite(piece.data(), 1, piece.size(), stdout) != piece.size();
  };
  for (std::uint32_t i = 1; i <= count; ++i) sconce::bench::write_random_tensor(bytes, write, 1, i);
  return failed || std::fflush(stdout) != 0 ? 1 : 0;
}
