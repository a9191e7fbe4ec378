#pragma once

#include "server/config.h"

namespace sconce::cli {

/// `sconce serve`: serves until a signal says stop; SCONCE_TOKENS adds tokens. Returns the exit code.
int serve(server::Config config);

}  // namespace sconce::cli
