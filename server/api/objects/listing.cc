#include "server/api/objects/listing.h"

#include <array>

#include "core/ascii.h"
#include "proto/formats/json/json_text.h"
#include "proto/http/fields/conditional.h"
#include "proto/http/requests/listing.h"
#include "server/api/bodiless_request.h"
#include "server/api/objects/object_headers.h"
#include "server/storage/content_hasher.h"

namespace sconce::server::api {

namespace {

// Lines in one piece of the answer: about a MiB.
constexpr std::size_t kLinesMax = 5000;

using proto::ListRequest;
using storage::Listing;
using storage::ListQuery;

ListQuery query_of(const ListRequest& request) {
  return {.prefix = request.prefix, .after = request.after, .delimiter = request.delimiter, .limit = request.limit};
}

void append_entry(std::string& json, const Listing::Entry& entry, bool with_metadata) {
  if (!entry.meta) return proto::append_group(json, entry.name);
  const storage::ObjectMeta& meta = *entry.meta;
  const std::string entity_tag = entity_tag_of(meta, proto::Representation{});
  proto::append_object(json, {.key = entry.name,
                              .size_bytes = meta.size_bytes,
                              .entity_tag = entity_tag,
                              .created = meta.created,
                              .modified = meta.modified,
                              .root_kind = meta.annotations.root_kind,
                              .user_metadata = meta.annotations.user_metadata,
                              .with_metadata = with_metadata});
}

/// `{"entries":[…],"next":"…"}`; `next` is what to give as `after`, and stands only where more follows.
std::string page_of(const Listing& listing, bool with_metadata) {
  std::string json = "{\"entries\":[";
  for (const Listing::Entry& entry : listing.entries) {
    if (json.back() != '[') json += ",\n";
    append_entry(json, entry, with_metadata);
  }
  json += ']';
  if (listing.more) {
    json += ",\"next\":";
    proto::append_printable_string(json, listing.entries.back().name);
  }
  return json + "}\n";
}

/// A line for each name, page by page, so that no moment of the store is held for a slow client.
class LinesSource final : public BodySource {
 public:
  LinesSource(const ListRequest& request, storage::Store& store)
      : store_(store), with_metadata_(request.with_metadata), query_(query_of(request)) {
    query_.limit = kLinesMax;
  }

  std::optional<std::uint64_t> size_bytes() const override { return std::nullopt; }

  bool can_read_ahead() const override { return true; }
  std::uint64_t held_bytes() const override { return lines_[0].capacity() + lines_[1].capacity(); }

  core::Result<std::span<const std::byte>> next() override {
    std::string& lines = lines_[turn_++ % lines_.size()];
    lines.clear();
    if (!more_) return std::span<const std::byte>();
    const auto page = store_.list(query_);
    if (!page) return std::unexpected(page.error());
    for (const Listing::Entry& entry : page->entries) {
      append_entry(lines, entry, with_metadata_);
      lines += '\n';
    }
    more_ = page->more;
    if (more_) query_.after = page->entries.back().name;
    return std::as_bytes(std::span(lines));
  }

 private:
  storage::Store& store_;
  const bool with_metadata_;
  ListQuery query_;
  bool more_ = true;
  std::array<std::string, 2> lines_;  // of this piece and the last one, in turns
  std::size_t turn_ = 0;
};

/// Of the page that it shows: the next one differs if it shows anything else.
std::string entity_tag_of_page(std::string_view page) {
  std::string tag = "\"";
  for (const std::uint8_t byte : storage::hash_of(std::as_bytes(std::span(page))).bytes) core::append_hex(tag, byte);
  return tag + "-list.1\"";
}

class ListingRequest final : public BodilessRequest {
 public:
  ListingRequest(const ApiContext& context, ListRequest request, proto::Conditions conditions)
      : context_(context), request_(std::move(request)), conditions_(std::move(conditions)) {}

  Response respond() override {
    if (request_.as_ndjson) return lines();
    const auto listing = context_.store.list(query_of(request_));
    if (!listing) return failed_response(context_.log, "GET", listing.error());
    return page(page_of(*listing, request_.with_metadata));
  }

 private:
  /// What it shows is known at its end only.
  Response lines() const {
    Response response{.status = 200, .fields = {{"Vary", "Accept"}, {"Cache-Control", "no-store"}}};
    response.fields.push_back({"Content-Type", std::string(proto::kNdjsonMediaType)});
    response.body = std::make_unique<LinesSource>(request_, context_.store);
    return response;
  }

  Response page(std::string json) const {
    const std::string tag = entity_tag_of_page(json);
    const std::vector<Field> fields = {{"ETag", tag}, {"Vary", "Accept"}, {"Cache-Control", "no-cache"}};
    switch (proto::evaluate_read(conditions_, tag)) {
      case proto::ReadOutcome::proceed: break;
      case proto::ReadOutcome::not_modified: return {.status = 304, .fields = fields};
      case proto::ReadOutcome::precondition_failed:
        return response_of(proto::problem_of(proto::RequestError::precondition_failed,
                                             "the list shows something else than If-Match names"));
    }
    Response response{.status = 200, .fields = fields};
    response.fields.push_back({"Content-Type", "application/json"});
    response.body = source_of(std::move(json));
    return response;
  }

  const ApiContext& context_;
  const ListRequest request_;
  const proto::Conditions conditions_;
};

}  // namespace

proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_listing(const RequestHead& head, const ApiContext& context,
                                                                const Caller& caller) {
  proto::HttpResult<ListRequest> request = proto::parse_list_request(head.query, head.value_of("accept"));
  if (!request) return std::unexpected(std::move(request.error()));
  if (const auto checked = caller.check({proto::Right::list}, request->prefix); !checked) {
    return std::unexpected(checked.error());
  }
  auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(std::move(conditions.error()));
  return std::make_unique<ListingRequest>(context, std::move(*request), std::move(*conditions));
}

}  // namespace sconce::server::api
