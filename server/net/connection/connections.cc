#include "server/net/connection/connections.h"

#include <vector>

namespace sconce::server::net {

void Connections::stop() {
  stopping_ = true;
  const std::vector<Connection*> open(open_.begin(), open_.end());
  for (Connection* connection : open) connection->close_if_idle();
}

}  // namespace sconce::server::net
