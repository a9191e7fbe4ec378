// Writes a tensor of random floats to stdout, in binary.
//
//   make_tensor BYTES

#include <cstdio>
#include <cstdlib>

#include "bench/random_tensor.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "make_tensor BYTES\n");
    return 2;
  }
  bool failed = false;
  sconce::bench::write_random_tensor(std::strtoull(argv[1], nullptr, 10), [&](std::string_view piece) {
    failed = failed || std::fwrite(piece.data(), 1, piece.size(), stdout) != piece.size();
  });
  return failed || std::fflush(stdout) != 0 ? 1 : 0;
}
