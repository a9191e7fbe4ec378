#include "server/net/connection/deadline.h"

#include <gtest/gtest.h>

#include <optional>

namespace sconce::tests {
namespace {

using server::net::Deadline;
using server::net::RateLimit;
using std::chrono::milliseconds;

class Deadlines : public testing::Test {
 protected:
  void run() {
    context_.restart();
    context_.run();
  }

  boost::asio::io_context context_;
  int cancelled_ = 0;
  int cancels_needed_ = 1;  // until the operation ends
  std::optional<Deadline> deadline_{std::in_place, context_.get_executor(), [this] {
                                      if (++cancelled_ >= cancels_needed_) deadline_->clear();
                                    }};
};

TEST_F(Deadlines, WhatIsNotDoneInTimeIsCancelled) {
  deadline_->set(Deadline::Clock::now() + milliseconds(1));
  run();
  EXPECT_EQ(cancelled_, 1);
  EXPECT_TRUE(deadline_->passed());
  deadline_->set(Deadline::Clock::now() + milliseconds(1));
  EXPECT_FALSE(deadline_->passed());
  run();
  EXPECT_EQ(cancelled_, 2);
}

/// The operation may be of parts, and the first cancel come between two of them.
TEST_F(Deadlines, WhatGoesOnIsCancelledAgain) {
  cancels_needed_ = 3;
  deadline_->set(Deadline::Clock::now() + milliseconds(1));
  run();
  EXPECT_EQ(cancelled_, 3);
  EXPECT_TRUE(deadline_->passed());
}

TEST_F(Deadlines, OneThatMovesOnPassesAtItsLastMoment) {
  const Deadline::Clock::time_point last = Deadline::Clock::now() + milliseconds(60);
  deadline_->set(last - milliseconds(50));
  deadline_->set(last);
  run();
  EXPECT_EQ(cancelled_, 1);
  EXPECT_GE(Deadline::Clock::now(), last);
}

TEST_F(Deadlines, OneThatComesNearerPassesThen) {
  const Deadline::Clock::time_point late = Deadline::Clock::now() + std::chrono::hours(1);
  deadline_->set(late);
  deadline_->set(Deadline::Clock::now() + milliseconds(1));
  run();
  EXPECT_EQ(cancelled_, 1);
  EXPECT_LT(Deadline::Clock::now(), late);
}

TEST_F(Deadlines, WhatIsClearedOrGoneCancelsNothing) {
  deadline_->set(Deadline::Clock::now() + milliseconds(1));
  deadline_->clear();
  run();
  EXPECT_FALSE(deadline_->passed());
  deadline_->set(Deadline::Clock::now() + milliseconds(1));
  deadline_.reset();
  run();
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(Deadlines, ManyBytesEarnNoMoreThanTheGrace) {
  RateLimit rate_limit(*deadline_, {.grace = milliseconds(50), .bytes_per_second_min = 1});
  rate_limit.wait();
  rate_limit.moved(UINT64_MAX);
  rate_limit.wait();
  run();  // as if nothing came any more; an hour of credit would not end
  EXPECT_EQ(cancelled_, 1);
}

TEST_F(Deadlines, BytesThatEarnTooLittleDoNotMoveTheEnd) {
  const Deadline::Clock::time_point begin = Deadline::Clock::now();
  RateLimit rate_limit(*deadline_, {.grace = milliseconds(100), .bytes_per_second_min = 1'000'000});
  while (cancelled_ == 0) {
    rate_limit.wait();
    context_.restart();
    context_.run_for(milliseconds(5));
    rate_limit.moved(1);
    ASSERT_LT(Deadline::Clock::now(), begin + std::chrono::seconds(20));
  }
  EXPECT_GE(Deadline::Clock::now(), begin + milliseconds(100));
}

}  // namespace
}  // namespace sconce::tests
