#include "tests/hostile/refusal.h"

#include "core/event/null_sink.h"
#include "tests/support/golden.h"

namespace sconce::tests {

namespace {

core::Status read_whole(const std::string& input, core::Format format, const core::ReadOptions& options) {
  core::NullSink nowhere;
  core::EventReader reader(format, nowhere, options);
  const auto used = reader.put_last(bytes_of(input));
  if (!used) return std::unexpected(used.error());
  return {};
}

core::Status read_bytewise(const std::string& input, core::Format format, const core::ReadOptions& options) {
  core::NullSink nowhere;
  core::EventReader reader(format, nowhere, options);
  std::size_t used = 0;
  for (std::size_t end = 1; end <= input.size(); ++end) {
    const auto step = reader.put(bytes_of(input).subspan(used, end - used));
    if (!step) return std::unexpected(step.error());
    used += *step;
  }
  const auto last = reader.put_last(bytes_of(input).subspan(used));
  if (!last) return std::unexpected(last.error());
  return {};
}

void expect_error(const Refusal& refusal, const core::Status& status) {
  ASSERT_FALSE(status) << "was read";
  const core::Error& error = status.error();
  EXPECT_EQ(name_of(error.code), name_of(refusal.code)) << to_string(error);
  EXPECT_EQ(error.offset, refusal.offset) << to_string(error);
  EXPECT_EQ(error.path, refusal.path) << to_string(error);
  EXPECT_NE(error.what.find(refusal.says), std::string::npos) << to_string(error);
}

}  // namespace

void expect_refused(const Refusal& refusal) {
  SCOPED_TRACE(refusal.name);
  expect_error(refusal, read_whole(refusal.input, refusal.format, refusal.options));
  expect_error(refusal, read_bytewise(refusal.input, refusal.format, refusal.options));
}

void expect_read(const std::string& input, core::Format format, const core::ReadOptions& options) {
  const core::Status status = read_whole(input, format, options);
  EXPECT_TRUE(status) << to_string(status.error());
}

}  // namespace sconce::tests
