#pragma once

#include "server/net/admission.h"
#include "server/net/handler.h"
#include "server/net/options.h"
#include "server/net/sites.h"
#include "server/net/tls.h"
#include "server/net/workers.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"

namespace sconce::server::net {

/// What all sessions share. Lifetime: all is borrowed and outlives them. Threads: safe from many.
struct SessionContext {
  const NetOptions& options;
  const Handler& handler;
  observe::Log& log;
  observe::Metrics& metrics;
  Workers& workers;
  MemoryBudget& memory;
  ConnectionGate& drains;  // connections that are read from only to drop what comes
  const Sites& sites;
  const TlsCredentials* tls;  // null: plaintext
};

}  // namespace sconce::server::net
