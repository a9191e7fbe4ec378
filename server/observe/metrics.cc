#include "server/observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

namespace sconce::server::observe {

namespace {

using storage::StoreCounters;

constexpr std::string_view kMethods[] = {"GET", "HEAD", "PUT", "DELETE", "POST", "other"};
constexpr std::size_t kMethodCount = std::size(kMethods);
constexpr std::size_t kEndpointRows = proto::kEndpointCount + 1;  // the last: no endpoint
constexpr unsigned kStatusMin = 100;
constexpr std::size_t kStatusCount = 500;

// From a small object in the cache to a checkpoint of many GB.
constexpr double kSecondsBounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                     0.5,    1,     2.5,    5,     10,   30,    60,   300, 1200};

struct StoreMetric {
  const char* name;
  const char* help;
  StoreCounters::Counter StoreCounters::* counter;
};

constexpr StoreMetric kStoreMetrics[] = {
    {"sconce_store_chunks_read_total", "Chunks of large objects that were loaded.", &StoreCounters::chunks_read},
    {"sconce_store_values_read_total", "Small objects that were loaded.", &StoreCounters::values_read},
    {"sconce_store_bytes_read_total", "Bytes of the chunks and small objects that were loaded.",
     &StoreCounters::bytes_read},
    {"sconce_store_bytes_written_total", "Bytes of the objects that commits stored.", &StoreCounters::bytes_written},
    {"sconce_store_commits_total", "Commits that changed something.", &StoreCounters::commits},
    {"sconce_store_segments_moved_total", "Segments of packs that were copied to another one, to give space back.",
     &StoreCounters::segments_moved},
    {"sconce_store_objects_converted_total", "Objects of an older layout that were written in this one.",
     &StoreCounters::objects_converted},
    {"sconce_store_commit_groups_total", "Groups of commits that shared one sync.", &StoreCounters::commit_groups},
};

std::string endpoint_label(std::size_t row) {
  if (row == proto::kEndpointCount) return "none";
  return std::string(proto::name_of(static_cast<proto::Endpoint>(row)));
}

std::size_t row_of(std::optional<proto::Endpoint> endpoint) {
  return endpoint ? static_cast<std::size_t>(*endpoint) : proto::kEndpointCount;
}

std::size_t index_of_method(std::string_view method) {
  const auto known = std::ranges::find(kMethods, method);
  return std::min<std::size_t>(static_cast<std::size_t>(known - std::begin(kMethods)), kMethodCount - 1);
}

template <class Builder>
auto& family(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::MetricFamily family_of(const StoreMetric& metric, const StoreCounters& store) {
  prometheus::ClientMetric now;
  now.counter.value = static_cast<double>((store.*metric.counter).load(std::memory_order_relaxed));
  return {.name = metric.name, .help = metric.help, .type = prometheus::MetricType::Counter, .metric = {now}};
}

prometheus::ClientMetric gauge_of(const char* operation, bool is_served) {
  prometheus::ClientMetric now;
  now.label = {{"operation", operation}};
  now.gauge.value = is_served ? 1 : 0;
  return now;
}

prometheus::MetricFamily family_of(const storage::StoreHealth& health) {
  return {.name = "sconce_store_ready",
          .help = "Whether objects can be read and stored: 1, or 0.",
          .type = prometheus::MetricType::Gauge,
          .metric = {gauge_of("read", health.reads), gauge_of("write", health.writes)}};
}

prometheus::MetricFamily family_of_held(std::uint64_t bytes) {
  prometheus::ClientMetric now;
  now.gauge.value = static_cast<double>(bytes);
  return {.name = "sconce_requests_held_bytes",
          .help = "Memory that requests hold, as it is counted.",
          .type = prometheus::MetricType::Gauge,
          .metric = {now}};
}

}  // namespace

std::string_view name_of(Limit limit) {
  switch (limit) {
    case Limit::connections: return "connections";
    case Limit::connections_per_address: return "connections_per_address";
    case Limit::requests: return "requests";
    case Limit::memory: return "memory";
    case Limit::header_time: return "header_time";
    case Limit::body_rate: return "body_rate";
    case Limit::answer_rate: return "answer_rate";
    case Limit::drains: return "drains";
  }
  std::unreachable();
}

struct Metrics::Families {
  Families();

  /// A counter is added when it is first asked for, so that only what occurred is shown.
  prometheus::Counter& requests_of(const AnsweredRequest& request);

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      family(prometheus::BuildCounter(), registry, "sconce_requests_total", "Requests that were answered.");
  prometheus::Family<prometheus::Histogram>& seconds =
      family(prometheus::BuildHistogram(), registry, "sconce_request_seconds",
             "Time from the end of a request's header to the end of its answer.");
  prometheus::Counter& request_body_bytes =
      family(prometheus::BuildCounter(), registry, "sconce_request_body_bytes_total", "Bytes of bodies that came.")
          .Add({});
  prometheus::Counter& response_body_bytes =
      family(prometheus::BuildCounter(), registry, "sconce_response_body_bytes_total",
             "Bytes of bodies that were sent.")
          .Add({});
  prometheus::Gauge& connections =
      family(prometheus::BuildGauge(), registry, "sconce_connections", "Connections that are open.").Add({});
  prometheus::Counter& tls_handshakes_failed =
      family(prometheus::BuildCounter(), registry, "sconce_tls_handshakes_failed_total",
             "Connections that ended before TLS was agreed on.")
          .Add({});

  prometheus::Family<prometheus::Counter>& limits_reached =
      family(prometheus::BuildCounter(), registry, "sconce_limits_reached_total",
             "Connections and requests that a limit ended.");

  std::vector<prometheus::Counter*> limits;  // by limit
  // By endpoint.
  std::vector<prometheus::Histogram*> seconds_by_row;
  // By endpoint, method and status; null: did not occur yet. 4 KB for each endpoint and method.
  std::vector<std::atomic<prometheus::Counter*>> requests_by_labels{kEndpointRows * kMethodCount * kStatusCount};
};

Metrics::Families::Families() {
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    limits.push_back(&limits_reached.Add({{"limit", std::string(name_of(static_cast<Limit>(i)))}}));
  }
  const prometheus::Histogram::BucketBoundaries bounds(std::begin(kSecondsBounds), std::end(kSecondsBounds));
  for (std::size_t row = 0; row < kEndpointRows; ++row) {
    seconds_by_row.push_back(&seconds.Add({{"endpoint", endpoint_label(row)}}, bounds));
  }
}

prometheus::Counter& Metrics::Families::requests_of(const AnsweredRequest& request) {
  const std::size_t row = row_of(request.endpoint);
  const std::size_t method = index_of_method(request.method);
  const std::size_t status = request.status - kStatusMin;
  auto& known = requests_by_labels.at((row * kMethodCount + method) * kStatusCount + status);
  prometheus::Counter* counter = known.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Who adds the same labels at the same time is given the same counter.
    counter = &requests.Add({{"endpoint", endpoint_label(row)},
                             {"method", std::string(kMethods[method])},
                             {"status", std::to_string(request.status)}});
    known.store(counter, std::memory_order_release);
  }
  return *counter;
}

Metrics::Metrics(const StoreCounters& store) : families_(std::make_unique<Families>()), store_(store) {}
Metrics::~Metrics() = default;

void Metrics::count(const AnsweredRequest& request) {
  families_->requests_of(request).Increment();
  const std::chrono::duration<double> seconds = request.duration;
  families_->seconds_by_row[row_of(request.endpoint)]->Observe(seconds.count());
  families_->request_body_bytes.Increment(static_cast<double>(request.request_body_bytes));
  families_->response_body_bytes.Increment(static_cast<double>(request.response_body_bytes));
}

void Metrics::connection_opened() { families_->connections.Increment(); }
void Metrics::connection_closed() { families_->connections.Decrement(); }
void Metrics::tls_handshake_failed() { families_->tls_handshakes_failed.Increment(); }
void Metrics::limit_reached(Limit limit) { families_->limits[static_cast<std::size_t>(limit)]->Increment(); }

std::string Metrics::text(const storage::StoreHealth& health, std::uint64_t held_bytes) const {
  std::vector<prometheus::MetricFamily> all = families_->registry.Collect();
  for (const StoreMetric& metric : kStoreMetrics) all.push_back(family_of(metric, store_));
  all.push_back(family_of(health));
  all.push_back(family_of_held(held_bytes));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, all);
  return std::move(text).str();
}

}  // namespace sconce::server::observe
