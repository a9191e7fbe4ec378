// Input that claims to be npy.

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::FuzzInput input(data, size);
  const std::size_t split = input.number();
  sconce::tests::check_round_trip(input.rest(), sconce::proto::ObjectFormat::npy, split);
  return 0;
}
