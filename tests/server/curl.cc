#include "tests/server/curl.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace sconce::tests {

CurlRun curl(const std::vector<std::string>& arguments) {
  std::string line = "curl --silent --show-error --max-time 60";
  for (const std::string& argument : arguments) line += " '" + argument + "'";
  FILE* const pipe = popen((line + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen");
  CurlRun run;
  std::array<char, 64 * 1024> piece;
  for (std::size_t size = 0; (size = fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    run.out.append(piece.data(), size);
  const int status = pclose(pipe);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return run;
}

}  // namespace sconce::tests
