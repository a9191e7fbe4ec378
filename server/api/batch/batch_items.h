#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/formats/convert/object_output.h"
#include "proto/http/requests/batch.h"
#include "server/api/access/access.h"
#include "server/api/context.h"

namespace sconce::server::api {

/// For the log.
inline constexpr std::string_view kBatchGet = "batch get";

/// One item of a batch get, as far as the request says it.
struct BatchItem {
  std::string key;
  std::string name;  // of its entry: the key, and what of the object is asked for
  proto::OutputPlan plan;
  std::optional<proto::Problem> refusal = std::nullopt;  // the client may not read it, so it is not looked up
};

/// Threads: no state. Errors: not_acceptable; bad_key and bad_query, naming the item by its place; body_too_large, for
/// the steps of all paths together.
proto::HttpResult<std::vector<BatchItem>> plan_items(const proto::BatchGet& request, const Caller& caller);

/// What an item that cannot be had answers, as a problem of its own.
proto::Problem missing_problem();

/// Each item a file: `objects/NAME`, or `problems/NAME` with the problem as JSON. Made while it is sent. Lifetime:
/// `context` outlives the source; so it does below.
std::unique_ptr<BodySource> tar_source(std::vector<BatchItem> items, const ApiContext& context);

/// Items that are looked up at once. Some of their small objects are in memory until they are written
/// (storage::kReadAheadBytesMax).
inline constexpr std::size_t kItemsAtOnce = 32;

/// The same of few items whose stored bytes are asked for, if these are in memory and not many: then neither this nor
/// reading the source blocks or takes long. Null where that is not so.
std::unique_ptr<BodySource> tar_source_in_memory(std::vector<BatchItem> items, const ApiContext& context);

/// All items as one tensor. Errors: naming the first item that may not be read; that is missing, is no tensor, or is
/// unlike the first.
proto::HttpResult<std::unique_ptr<BodySource>> stack_source(const std::vector<BatchItem>& items,
                                                            const ApiContext& context);

}  // namespace sconce::server::api
