#pragma once

#include <string>

#include "core/error.h"

namespace sconce::cli {

/// The token that SCONCE_TOKEN holds, for requests to a server; empty if it is not set. On the command line others
/// would see it. Threads: safe from many, while nobody changes the environment. Errors: invalid_argument (it is no
/// token, and would break the request); the text is not repeated.
core::Result<std::string> token_variable();

}  // namespace sconce::cli
