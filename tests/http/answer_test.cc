// What is answered where the first bytes of a body cannot be read.

#include "server/net/connection/answer.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using core::ErrorCode;
using namespace server;

/// A body of 100 bytes, of which none can be read.
class FailingSource final : public BodySource {
 public:
  explicit FailingSource(ErrorCode code) : code_(code) {}
  std::optional<std::uint64_t> size_bytes() const override { return 100; }
  std::uint64_t held_bytes() const override { return 0; }
  core::Result<std::span<const std::byte>> next() override { return core::fail(code_, "for the log alone"); }

 private:
  const ErrorCode code_;
};

struct Row {
  ErrorCode code;
  unsigned status;
  std::string_view name;
};

class FirstBytesThatFail : public testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(Errors, FirstBytesThatFail,
                         testing::Values(Row{ErrorCode::corrupt, 500, "corrupt"},
                                         Row{ErrorCode::io_error, 500, "io_error"},
                                         Row{ErrorCode::unavailable, 503, "unavailable"},
                                         Row{ErrorCode::no_space, 507, "no_space"},
                                         Row{ErrorCode::limit_exceeded, 422, "limit_exceeded"}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(FirstBytesThatFail, AreAnsweredWithTheirOwnError) {
  observe::Log log;
  Response response{.status = 200, .fields = {}, .body = std::make_unique<FailingSource>(GetParam().code)};
  const net::Answer answer = net::answer_of(std::move(response), false, log);
  EXPECT_EQ(answer.response.status, GetParam().status);
  EXPECT_FALSE(answer.first.error);
  const std::string document(reinterpret_cast<const char*>(answer.first.bytes.data()), answer.first.bytes.size());
  const auto problem = proto::problem_from_json(document);
  ASSERT_TRUE(problem) << document;
  EXPECT_EQ(problem->code, GetParam().name);
  EXPECT_EQ(document.find("for the log alone") != std::string::npos, GetParam().status < 500) << document;
}

TEST(FirstBytes, AreNotReadForHead) {
  observe::Log log;
  Response response{.status = 200, .fields = {}, .body = std::make_unique<FailingSource>(ErrorCode::corrupt)};
  const net::Answer answer = net::answer_of(std::move(response), true, log);
  EXPECT_EQ(answer.response.status, 200U);
  EXPECT_TRUE(answer.first.bytes.empty());
}

}  // namespace
}  // namespace sconce::tests
