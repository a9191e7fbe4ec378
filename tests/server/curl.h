#pragma once

#include <string>
#include <vector>

namespace sconce::tests {

struct CurlRun {
  int exit_code = -1;  // of curl: 0, 35 (no TLS), 52 (no answer), 60 (not the server that it trusts), …
  std::string out;
};

/// Runs curl, silent but for errors, which come in `out`, too. No argument may hold a single quote.
CurlRun curl(const std::vector<std::string>& arguments);

}  // namespace sconce::tests
