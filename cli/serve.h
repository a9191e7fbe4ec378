#pragma once

#include "server/config.h"

namespace sconce::cli {

/// `sconce serve`: serves until a signal says stop; SCONCE_TOKENS adds tokens. Returns the exit code.
/// Threads: the main one.
int serve(server::Config config);

}  // namespace sconce::cli
