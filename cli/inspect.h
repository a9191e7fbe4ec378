#pragma once

#include <string>

#include "cli/client/tls_client.h"
#include "cli/reading.h"

namespace sconce::cli {

struct InspectArguments {
  std::string file;  ///< Or the URL of an object on a server; then how to read does not matter.
  ReadingArguments reading;
  TlsArguments tls;  ///< For a URL that begins with https://.
};

/// `sconce inspect`: the object as a tree, on stdout. Returns the exit code. Threads: the main one.
int inspect(const InspectArguments& arguments);

}  // namespace sconce::cli
