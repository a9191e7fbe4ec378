#include "server/net/connections.h"

#include <boost/asio/experimental/as_tuple.hpp>
#include <vector>

namespace sconce::server::net {

Awaitable<void> Connections::wait_for_slot() {
  while (!stopping_ && open_.size() >= count_max_) {
    free_slot_->expires_at(Timer::time_point::max());
    co_await free_slot_->async_wait(asio::as_tuple(UseAwaitable()));
  }
}

void Connections::stop() {
  stopping_ = true;
  free_slot_->cancel();
  const std::vector<Connection*> open(open_.begin(), open_.end());
  for (Connection* connection : open) connection->close_if_idle();
}

}  // namespace sconce::server::net
