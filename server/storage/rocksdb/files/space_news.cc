#include "server/storage/rocksdb/files/space_news.h"

#include <utility>

namespace sconce::server::storage {

namespace {

constexpr std::chrono::minutes kBetweenLines(1);

}  // namespace

void SpaceNews::begins(const std::string& text) {
  const std::lock_guard lock(mutex_);
  begun_ = text;
  tell_if_due();
}

void SpaceNews::ends(const std::string& text) {
  const std::lock_guard lock(mutex_);
  begun_.reset();
  if (std::exchange(is_told_, false)) tell_(text);
}

void SpaceNews::refuses(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (refusal_told_ && now - *refusal_told_ < kBetweenLines) return;
  tell_(text);
  refusal_told_ = now;
}

void SpaceNews::tell_overdue() {
  const std::lock_guard lock(mutex_);
  tell_if_due();
}

void SpaceNews::tell_if_due() {
  const Clock::time_point now = Clock::now();
  if (!begun_ || (told_ && now - *told_ < kBetweenLines)) return;
  tell_(*begun_);
  begun_.reset();
  is_told_ = true;
  told_ = now;
}

}  // namespace sconce::server::storage
