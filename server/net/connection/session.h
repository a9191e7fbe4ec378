#pragma once

#include "server/net/admission.h"
#include "server/net/connection/connections.h"
#include "server/net/session_context.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// Serves one connection, request after request, until it ends. `permit` is given back then. Lifetime: `connections`
/// and what `context` names are borrowed. Threads: the one of `socket` and `connections`.
Awaitable<void> serve_connection(Socket socket, ConnectionGate::Permit permit, SessionContext context,
                                 Connections& connections);

}  // namespace sconce::server::net
