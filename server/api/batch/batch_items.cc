#include "server/api/batch/batch_items.h"

#include <utility>

#include "core/text/quote.h"
#include "proto/http/fields/media_type.h"
#include "proto/http/object_key.h"
#include "proto/http/percent.h"
#include "proto/http/requests/query.h"
#include "server/api/objects/output_request.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using proto::RequestError;

// Of all paths of a batch together; 40 bytes each. Stops 4 MiB of `a.a.a` from becoming 100 MiB.
constexpr std::size_t kPathStepsMax = std::size_t{1} << 19;

/// Puts in front of a problem which item it is about.
std::unexpected<proto::Problem> at_item(std::size_t place, proto::Problem problem) {
  problem.detail = "item " + std::to_string(place) + ": " + problem.detail;
  return std::unexpected(std::move(problem));
}

/// `key?path=model.weight&slice=0:10`: the key as it is, and a query that gets the item from it.
std::string name_of(const proto::BatchGet::Item& item) {
  std::string name = item.key;
  char separator = '?';
  if (!item.path.empty())
    name.append(1, std::exchange(separator, '&')).append("path=").append(proto::form_encode(item.path));
  if (item.slice) name.append(1, separator).append("slice=").append(proto::form_encode(*item.slice));
  return name;
}

HttpResult<BatchItem> plan_item(const proto::BatchGet::Item& item, const proto::BatchGet& request,
                                proto::ObjectFormat format) {
  if (HttpResult<void> checked = proto::check_object_key(item.key); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  proto::Query query;
  query.path = item.path;
  query.slice = item.slice;
  if (!request.style.empty()) query.style = request.style;
  HttpResult<proto::OutputPlan> plan = output_plan_of(query, format);
  if (!plan) return std::unexpected(std::move(plan.error()));
  return BatchItem{.key = item.key, .name = name_of(item), .plan = std::move(*plan)};
}

}  // namespace

HttpResult<std::vector<BatchItem>> plan_items(const proto::BatchGet& request, const Caller& caller) {
  const HttpResult<proto::ObjectFormat> format = proto::answer_format(request.format, "");
  if (!format) return std::unexpected(format.error());
  std::vector<BatchItem> items;
  std::size_t steps = 0;
  for (const proto::BatchGet::Item& item : request.items) {
    HttpResult<BatchItem> planned = plan_item(item, request, *format);
    if (!planned) return at_item(items.size(), std::move(planned.error()));
    if (HttpResult<void> checked = caller.check({proto::Right::read}, item.key); !checked) {
      planned->refusal = std::move(checked.error());
    }
    steps += planned->plan.path.steps.size();
    if (steps > kPathStepsMax) {
      return proto::refuse(RequestError::body_too_large, "the paths of a batch have at most " +
                                                             std::to_string(kPathStepsMax) +
                                                             " steps together; ask for fewer items at once");
    }
    items.push_back(std::move(*planned));
  }
  return items;
}

proto::Problem missing_problem() {
  return proto::problem_of(RequestError::key_not_found, "there is no object under this key");
}

}  // namespace sconce::server::api
