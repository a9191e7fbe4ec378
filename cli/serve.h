#pragma once

#include "server/config.h"

namespace sconce::cli {

/// `sconce serve`: serves until a signal says stop. Returns the exit code.
int serve(const server::Config& config);

}  // namespace sconce::cli
