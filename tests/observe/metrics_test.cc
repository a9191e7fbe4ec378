// The text that Prometheus is given.

#include "server/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sconce::server::observe {
namespace {

using proto::Endpoint;
using testing::HasSubstr;
using testing::Not;

/// Whether the text has this line.
testing::AssertionResult has_line(const Metrics& metrics, const std::string& line) {
  const std::string text = metrics.text({}, 0);
  if (("\n" + text).find("\n" + line + "\n") != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no line `" << line << "` in\n" << text;
}

class MetricsText : public testing::Test {
 protected:
  storage::StoreCounters store_;
  Metrics metrics_{store_};
};

TEST_F(MetricsText, EachLimitIsCounted) {
  metrics_.limit_reached(Limit::memory);
  metrics_.limit_reached(Limit::memory);
  EXPECT_TRUE(has_line(metrics_, R"(sconce_limits_reached_total{limit="memory"} 2)"));
  for (const char* other :
       {"connections", "connections_per_address", "requests", "header_time", "body_rate", "answer_rate"}) {
    EXPECT_TRUE(has_line(metrics_, R"(sconce_limits_reached_total{limit=")" + std::string(other) + R"("} 0)"));
  }
}

TEST_F(MetricsText, RequestsAreCountedByEndpointMethodAndStatus) {
  metrics_.count({.endpoint = Endpoint::read_object, .method = "GET", .status = 200});
  metrics_.count({.endpoint = Endpoint::read_object, .method = "GET", .status = 200});
  metrics_.count({.endpoint = Endpoint::read_object, .method = "GET", .status = 404});
  metrics_.count({.endpoint = Endpoint::read_object, .method = "HEAD", .status = 200});
  metrics_.count({.endpoint = Endpoint::health, .method = "GET", .status = 200});
  EXPECT_TRUE(has_line(metrics_, "# TYPE sconce_requests_total counter"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_requests_total{endpoint="read_object",method="GET",status="200"} 2)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_requests_total{endpoint="read_object",method="GET",status="404"} 1)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_requests_total{endpoint="read_object",method="HEAD",status="200"} 1)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_requests_total{endpoint="health",method="GET",status="200"} 1)"));
}

TEST_F(MetricsText, WhatTheStoreServesIsAGauge) {
  const std::string text = metrics_.text({.reads = true, .writes = false}, 0);
  EXPECT_THAT(text, HasSubstr("# TYPE sconce_store_ready gauge\n"));
  EXPECT_THAT(text, HasSubstr("sconce_store_ready{operation=\"read\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sconce_store_ready{operation=\"write\"} 0\n"));
}

TEST_F(MetricsText, WhatDidNotOccurIsNotShown) {
  EXPECT_THAT(metrics_.text({}, 0), Not(HasSubstr("sconce_requests_total{")));
}

TEST_F(MetricsText, NothingThatAClientMakesUpIsALabel) {
  metrics_.count({.method = "BREW", .status = 501});
  metrics_.count({.method = "", .status = 431});
  EXPECT_TRUE(has_line(metrics_, R"(sconce_requests_total{endpoint="none",method="other",status="501"} 1)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_requests_total{endpoint="none",method="other",status="431"} 1)"));
  EXPECT_THAT(metrics_.text({}, 0), Not(HasSubstr("BREW")));
}

TEST_F(MetricsText, EveryStatusAndEndpointHasItsPlace) {
  for (std::size_t endpoint = 0; endpoint < proto::kEndpointCount; ++endpoint) {
    for (const unsigned status : {100U, 599U}) {
      metrics_.count({.endpoint = static_cast<Endpoint>(endpoint), .method = "other", .status = status});
    }
  }
  const std::string text = metrics_.text({}, 0);
  for (std::size_t endpoint = 0; endpoint < proto::kEndpointCount; ++endpoint) {
    const std::string name(proto::name_of(static_cast<Endpoint>(endpoint)));
    for (const std::string status : {"100", "599"}) {
      EXPECT_THAT(text, HasSubstr("{endpoint=\"" + name + "\",method=\"other\",status=\"" + status + "\"} 1\n"));
    }
  }
}

TEST_F(MetricsText, DurationsAreInBucketsByEndpoint) {
  metrics_.count({.endpoint = Endpoint::convert, .status = 200, .duration = std::chrono::milliseconds(20)});
  metrics_.count({.endpoint = Endpoint::convert, .status = 200, .duration = std::chrono::hours(1)});
  EXPECT_TRUE(has_line(metrics_, "# TYPE sconce_request_seconds histogram"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_bucket{endpoint="convert",le="0.01"} 0)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_bucket{endpoint="convert",le="0.025"} 1)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_bucket{endpoint="convert",le="+Inf"} 2)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_count{endpoint="convert"} 2)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_sum{endpoint="convert"} 3600.02)"));
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_count{endpoint="health"} 0)"));
}

TEST_F(MetricsText, BytesAndConnectionsAreExact) {
  constexpr std::uint64_t kLarge = 1'234'567'890'123;
  metrics_.count({.status = 200, .request_body_bytes = kLarge, .response_body_bytes = 7});
  metrics_.count({.status = 200, .request_body_bytes = 1, .response_body_bytes = 0});
  metrics_.connection_opened();
  metrics_.connection_opened();
  metrics_.connection_closed();
  EXPECT_TRUE(has_line(metrics_, "sconce_request_body_bytes_total 1234567890124"));
  EXPECT_TRUE(has_line(metrics_, "sconce_response_body_bytes_total 7"));
  EXPECT_TRUE(has_line(metrics_, "# TYPE sconce_connections gauge"));
  EXPECT_TRUE(has_line(metrics_, "sconce_connections 1"));
}

TEST_F(MetricsText, TheStoresCountersAreReadWhenTheTextIsMade) {
  EXPECT_TRUE(has_line(metrics_, "sconce_store_chunks_read_total 0"));
  store_.chunks_read = 1;
  store_.values_read = 2;
  store_.bytes_read = 3;
  store_.bytes_written = 4;
  store_.commits = 5;
  store_.commit_groups = 6;
  store_.segments_moved = 7;
  store_.objects_converted = 8;
  EXPECT_TRUE(has_line(metrics_, "# TYPE sconce_store_chunks_read_total counter"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_chunks_read_total 1"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_values_read_total 2"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_bytes_read_total 3"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_bytes_written_total 4"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_commits_total 5"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_commit_groups_total 6"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_segments_moved_total 7"));
  EXPECT_TRUE(has_line(metrics_, "sconce_store_objects_converted_total 8"));
}

TEST_F(MetricsText, ThreadsThatCountTheSameLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kRequests = 1000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (unsigned i = 0; i < kRequests; ++i) {
        metrics_.count({.endpoint = Endpoint::read_object, .method = "GET", .status = 200 + i % 4});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const char* status : {"200", "201", "202", "203"}) {
    EXPECT_TRUE(has_line(
        metrics_,
        std::string(R"(sconce_requests_total{endpoint="read_object",method="GET",status=")") + status + "\"} 2000"));
  }
  EXPECT_TRUE(has_line(metrics_, R"(sconce_request_seconds_count{endpoint="read_object"} 8000)"));
}

}  // namespace
}  // namespace sconce::server::observe
