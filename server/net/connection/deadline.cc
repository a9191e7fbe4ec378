#include "server/net/connection/deadline.h"

#include <algorithm>
#include <utility>

namespace sconce::server::net {

namespace {

constexpr auto kNever = Deadline::Clock::time_point::max();
constexpr std::chrono::milliseconds kAgainAfter(10);

}  // namespace

/// Shared with the handler of the timer, which may be on its way when the deadline goes.
struct Deadline::State {
  State(const Executor& executor, std::function<void()> on_passed) : timer(executor), cancel(std::move(on_passed)) {}

  Timer timer;
  std::function<void()> cancel;
  Clock::time_point due = kNever;
  Clock::time_point armed_for = kNever;  // when the timer wakes, which may be before it is due
  bool passed = false;
};

Deadline::Deadline(const Executor& executor, std::function<void()> cancel)
    : state_(std::make_shared<State>(executor, std::move(cancel))) {}

Deadline::~Deadline() = default;

void Deadline::set(Clock::time_point due) {
  state_->passed = false;
  state_->due = due;
  if (due < state_->armed_for) arm(state_);
}

void Deadline::clear() { state_->due = kNever; }

bool Deadline::passed() const { return state_->passed; }

void Deadline::arm(const std::shared_ptr<State>& state) {
  state->armed_for = state->due;
  state->timer.expires_at(state->due);
  state->timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& error) {
    const std::shared_ptr<State> alive = weak.lock();
    if (error || alive == nullptr) return;
    alive->armed_for = kNever;
    if (alive->due == kNever) return;
    if (Clock::now() < alive->due) return arm(alive);
    alive->passed = true;
    alive->cancel();
    // A part of the operation may have ended at this very moment, and the next have begun unharmed.
    if (alive->due == kNever) return;
    alive->due = Clock::now() + kAgainAfter;
    arm(alive);
  });
}

void RateLimit::wait() {
  began_ = Deadline::Clock::now();
  deadline_.set(began_ + left_);
}

void RateLimit::moved(std::uint64_t bytes) {
  using Duration = Deadline::Clock::duration;
  deadline_.clear();
  const Duration waited = Deadline::Clock::now() - began_;
  const Duration grace = limits_.grace;
  // Beyond the grace it makes no difference, so what could overflow is cut off before it is multiplied.
  const double earned_seconds = static_cast<double>(bytes) / static_cast<double>(limits_.bytes_per_second_min);
  const bool earned_all = std::chrono::duration<double>(earned_seconds) >= grace + waited;
  if (earned_all) left_ = grace;
  else left_ += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(earned_seconds)) - waited;
  left_ = std::clamp(left_, Duration::zero(), grace);
}

}  // namespace sconce::server::net
