// Writes a table of tensors of random floats to stdout, in binary: layer_10000, layer_10001, ….
//
//   make_checkpoint TENSORS BYTES
//
// BYTES are those of the elements of each.

#include <cstdio>
#include <cstdlib>

#include "bench/checkpoint.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "make_checkpoint TENSORS BYTES\n");
    return 2;
  }
  const sconce::bench::Checkpoint checkpoint{.tensors = std::strtoull(argv[1], nullptr, 10),
                                             .element_bytes = std::strtoull(argv[2], nullptr, 10)};
  bool failed = false;
  checkpoint.write([&](std::string_view piece) {
    failed = failed || std::fwrite(piece.data(), 1, piece.size(), stdout) != piece.size();
  });
  return failed || std::fflush(stdout) != 0 ? 1 : 0;
}
