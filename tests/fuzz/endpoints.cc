#include "tests/fuzz/endpoints.h"

#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

namespace sconce::tests {

namespace {

using server::HandlerOrResponse;
using server::Response;

// An answer can be larger than what it is made of, but no input makes one without end.
constexpr std::size_t kAnswerBytesMax = std::size_t{64} << 20;

/// For files without a name, which npz is read from.
const std::filesystem::path& spool_directory() {
  static const std::filesystem::path directory = std::filesystem::temp_directory_path();
  return directory;
}

server::observe::Log& fuzz_log() {
  static server::observe::Log log;
  return log;
}

bool is_one_line(std::string_view value) {
  return std::ranges::none_of(
      value, [](char byte) { return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f; });
}

/// All of the body; what was made of it before making it failed, if that is for a reason that may be.
std::string drained(Response& response) {
  std::string bytes;
  if (response.body == nullptr) return bytes;
  const auto announced = response.body->size_bytes();
  while (true) {
    const auto piece = response.body->next();
    if (!piece) {
      const core::ErrorCode code = piece.error().code;
      require(code == core::ErrorCode::limit_exceeded || code == core::ErrorCode::unrepresentable,
              "an answer that began ends: " + core::to_string(piece.error()));
      return bytes;
    }
    if (piece->empty()) break;
    bytes.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    require(bytes.size() <= kAnswerBytesMax, "an answer is not without end");
  }
  require(!announced || *announced == bytes.size(), "an answer is as large as it says");
  return bytes;
}

Seen seen_of(Response response) {
  const Seen seen{response.status, drained(response)};
  require((seen.status >= 200 && seen.status < 500) || seen.status == 501, "no request makes the server fail");
  for (const server::Field& field : response.fields) {
    require(is_one_line(field.value) && !field.name.empty(), "a field of an answer is one line");
  }
  if (seen.status < 400) return seen;
  const auto problem = proto::problem_from_json(seen.body);
  require(problem && problem->status == seen.status, "a refusal says why");
  return seen;
}

}  // namespace

Endpoints::Endpoints()
    : store_(server::storage::make_memory_store(kObjectBytesMax)),
      metrics_(std::make_unique<server::observe::Metrics>(store_->counters())),
      context_{.store = *store_,
               .admin = *store_,
               .scratch = *store_,
               .log = fuzz_log(),
               .metrics = *metrics_,
               .classes = fuzz_classes(),
               .outlines = outlines_,
               .memory = &memory_,
               .memory_of_strangers = &memory_,
               .spool_directory = spool_directory(),
               .held_bytes_max = kObjectBytesMax,
               .expanded_bytes_max = kObjectBytesMax,
               .body_bytes_max = kObjectBytesMax,
               .batch_entries_max = kEntriesMax,
               .require_conditions = false},
      access_(proto::Anonymous::everything),
      api_(context_, access_) {}

Endpoints::~Endpoints() = default;

void Endpoints::put(std::string_view key, std::string_view bytes) {
  const server::RequestHead head{.method = "PUT", .path = "/v1/objects/" + std::string(key), .query = {}, .fields = {}};
  require(exchange(head, bytes, 0).status == 201, "an object can be put");
}

Seen Endpoints::exchange(const server::RequestHead& head, std::string_view body, std::size_t split) {
  const server::net::Plan plan = api_.plan(head);
  if (!plan.request) return seen_of(server::response_of(plan.request.error()));
  auto from_memory = (*plan.request)->answer_from_memory(body);
  (void)(*plan.request)->cost_of(bytes_of(body));  // it returns, whatever it says
  Seen seen = finish((*plan.request)->begin(body.size()), body, split);
  if (!from_memory) return seen;
  const Seen again = seen_of(std::move(*from_memory));
  require(again.status == seen.status && again.body == seen.body, "what is answered from memory is the answer");
  return seen;
}

Seen Endpoints::finish(HandlerOrResponse begun, std::string_view body, std::size_t split) {
  if (!begun) return seen_of(std::move(begun.error()));
  split = std::min(split, body.size());
  for (const std::string_view piece : {body.substr(0, split), body.substr(split)}) {
    if (auto put = (*begun)->put(bytes_of(piece)); !put) return seen_of(std::move(put.error()));
  }
  if (auto completed = (*begun)->complete(); !completed) return seen_of(std::move(completed.error()));
  bool is_stored = !(*begun)->stores();
  if (!is_stored) (*begun)->store([&is_stored] { is_stored = true; });
  require(is_stored, "a store in memory tells at once");
  return seen_of((*begun)->finish());
}

}  // namespace sconce::tests
