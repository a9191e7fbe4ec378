// Whole requests to every endpoint, over a store that holds some objects.

#include <string>

#include "tests/fuzz/endpoints.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/read_head.h"

namespace sconce::tests {
namespace {

// A tensor whose storage has room for more, and a table that holds it twice, and itself.
constexpr std::string_view kTensor =
    "4\n1\n3\nV 1\n17\ntorch.FloatTensor\n2\n2 2\n2 1\n2\n4\n2\n3\nV 1\n18\ntorch.FloatStorage\n6\n0 1 2 3 4 5\n";
constexpr std::string_view kTable =
    "3\n5\n4\n2\n4\nself\n3\n5\n2\n1\na\n4\n1\n3\nV 1\n16\ntorch.ByteTensor\n1\n3\n1\n1\n4\n2\n3\nV 1\n17\n"
    "torch.ByteStorage\n3\nabc\n2\n1\nb\n4\n1\n1\n1\n1\n2.5\n";

void fuzz(FuzzInput input) {
  const std::size_t split = input.number();
  const auto read = read_head(input.rest());
  if (!read) return;
  Endpoints endpoints;
  endpoints.put("a/tensor", kTensor);
  endpoints.put("a/table", kTable);
  endpoints.exchange(read->head, read->behind, split);
  // Whatever it did, what is stored can be had.
  for (const std::string_view key : {"a/tensor", "a/table"}) {
    const server::RequestHead get{
        .method = "GET", .path = "/v1/objects/" + std::string(key), .query = {}, .fields = {}};
    const Seen seen = endpoints.exchange(get, "", 0);
    require(seen.status == 200 || seen.status == 404, "what is stored can be had");
  }
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
