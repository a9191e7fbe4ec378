// What stands in a request besides its body, and the JSON of batches.

#include <string>

#include "proto/http/fields/byte_range.h"
#include "proto/http/fields/conditional.h"
#include "proto/http/fields/digest.h"
#include "proto/http/fields/media_range.h"
#include "proto/http/fields/media_type.h"
#include "proto/http/object_key.h"
#include "proto/http/percent.h"
#include "proto/http/requests/batch.h"
#include "proto/http/requests/listing.h"
#include "proto/http/requests/query.h"
#include "proto/http/requests/routes.h"
#include "tests/fuzz/fuzz.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kItemsMax = 100;

/// What is told of a refusal can be read.
template <class T>
bool accepted(const proto::HttpResult<T>& answer) {
  if (answer) return true;
  const std::string json = proto::to_json(answer.error());
  const auto problem = proto::problem_from_json(json);
  require(problem.has_value() && proto::to_json(*problem) == json, "a problem is the same as its JSON");
  require(problem->status >= 400 && problem->status < 500, "a request that is wrong is its sender's fault");
  return false;
}

void check_key(std::string_view text) {
  const proto::HttpResult<std::string> key = proto::parse_object_key(text);
  if (!accepted(key)) return;
  require(proto::parse_object_key(proto::percent_encode_path(*key)) == key, "a key is the same, encoded again");
  require(proto::check_object_key(*key).has_value(), "a key that was decoded is a key");
  const proto::HttpResult<std::string> prefixed = proto::batch_key_of("p/", *key);
  require(!accepted(prefixed) || proto::check_object_key(*prefixed).has_value(), "a key of a batch is a key");
}

void check_query(std::string_view text) {
  constexpr proto::Parameter kAll[] = {
      proto::Parameter::format,        proto::Parameter::referenced,   proto::Parameter::from,  proto::Parameter::to,
      proto::Parameter::prefix,        proto::Parameter::delimiter,    proto::Parameter::limit, proto::Parameter::after,
      proto::Parameter::metadata,      proto::Parameter::path,         proto::Parameter::slice, proto::Parameter::depth,
      proto::Parameter::in_referenced, proto::Parameter::if_none_match};
  const auto query = proto::parse_query(text, kAll);
  (void)accepted(proto::parse_batch_request(text));
  (void)accepted(proto::parse_list_request(text, ""));
  if (!accepted(query)) return;
  (void)accepted(proto::boolean_of(query->referenced, "referenced", true));
  const auto count = proto::count_of(query->limit, "limit", 1000, 10);
  require(!accepted(count) || (*count >= 1 && *count <= 1000), "a count is within its limit");
}

void check_media_ranges(std::string_view text) {
  (void)accepted(proto::body_format("", text));
  (void)accepted(proto::answer_format("", text));
  (void)accepted(proto::parse_list_request("", text));
  const auto ranges = proto::parse_media_ranges(text);
  if (!accepted(ranges)) return;
  for (const proto::MediaRange& range : *ranges) {
    require(!range.type.empty() && !range.subtype.empty(), "a media range has a type");
    require(range.quality_thousandths >= 0 && range.quality_thousandths <= 1000, "a quality is from 0 to 1");
  }
}

void check_byte_ranges(std::string_view text) {
  for (const std::uint64_t size_bytes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100}, ~std::uint64_t{0}}) {
    const auto ranges = proto::parse_byte_ranges(text, size_bytes);
    if (!ranges) continue;
    require(ranges->size() <= proto::kByteRangesMax, "ranges are not too many");
    std::uint64_t left = size_bytes;
    for (const proto::ByteRange& range : *ranges) {
      require(range.first <= range.last && range.last < size_bytes, "a range lies in what it is of");
      require(range.size_bytes() <= left, "ranges are not larger than what they are of");
      left -= range.size_bytes();
    }
  }
}

void check_conditions(std::string_view text) {
  const std::string field(text);
  for (const bool match : {true, false}) {
    const auto conditions = proto::parse_conditions(match ? &field : nullptr, match ? nullptr : &field);
    if (!accepted(conditions)) continue;
    (void)accepted(proto::write_condition(*conditions));
    (void)proto::evaluate_read(*conditions, std::nullopt);
    (void)proto::evaluate_read(*conditions, "\"0190f0c1e2a30000b1c2d3e4f5061728-ascii.1\"");
  }
  (void)proto::revision_of(text);
  (void)proto::if_range_holds(text, "\"a\"");
}

void check_digest(std::string_view text) {
  (void)accepted(proto::wants_sha256(text));
  const auto digest = proto::parse_digest(text, "Content-Digest");
  if (!accepted(digest) || !*digest) return;
  require(proto::parse_digest(proto::digest_field_of(**digest), "Content-Digest") == digest,
          "a digest is the same again");
}

void check_batch(std::string_view text) {
  const bool is_control = accepted(proto::parse_batch_control(text, kItemsMax));
  const auto batch = proto::parse_batch_get(text, kItemsMax);
  const bool is_get = accepted(batch);
  require(!is_get || batch->items.size() <= kItemsMax, "items are not too many");
  require(!(is_control || is_get) || !text.contains('\0'), "no JSON has a NUL");
}

void check_route(std::string_view text) {
  for (const std::string_view method : {"GET", "PUT", "DELETE", "POST", "HEAD"})
    (void)accepted(proto::route(method, text));
}

void fuzz(FuzzInput input) {
  constexpr void (*kChecks[])(std::string_view) = {check_key,         check_query,      check_media_ranges,
                                                   check_byte_ranges, check_conditions, check_digest,
                                                   check_batch,       check_route};
  const std::uint8_t which = input.byte();
  kChecks[which % std::size(kChecks)](input.rest());
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
