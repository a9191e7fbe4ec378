#include "core/memory_pool.h"

#include <algorithm>

namespace sconce::core {

namespace {

// Many small things cost one step.
constexpr std::uint64_t kDrawnAtOnceBytes = std::uint64_t{64} << 10;
// So much is kept, so that small things are not drawn and given back in turns.
constexpr std::uint64_t kKeptBytesMax = std::uint64_t{256} << 10;

}  // namespace

/// If there is not as much as is drawn at once, there may still be as much as is needed.
Status Drawn::draw(std::uint64_t bytes) {
  for (const std::uint64_t size : {std::max(bytes, kDrawnAtOnceBytes), bytes}) {
    if (!pool_->take(size)) continue;
    drawn_bytes_ += size;
    covered_bytes_ += size;
    return {};
  }
  return std::unexpected(Error{.code = ErrorCode::overloaded,
                               .what = "other requests hold the memory that this one needs; send it again later",
                               .is_for_clients = true});
}

void Drawn::give_back() {
  const std::uint64_t spare = std::min(covered_bytes_ - bytes_, drawn_bytes_);
  if (spare <= kKeptBytesMax && spare < drawn_bytes_) return;
  pool_->give_back(spare);
  drawn_bytes_ -= spare;
  covered_bytes_ -= spare;
}

}  // namespace sconce::core
