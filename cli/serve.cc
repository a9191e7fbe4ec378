#include "cli/serve.h"

#include <cstdlib>

#include "cli/printing/report.h"
#include "server/app.h"

namespace sconce::cli {

int serve(server::Config config) {
  if (const char* const lines = std::getenv("SCONCE_TOKENS"); lines != nullptr) config.tokens_lines = lines;
  if (const core::Status checked = server::check_config(config); !checked) {
    report("serve", checked.error());
    return kExitUsage;
  }
  const auto app = server::App::start(config);
  if (!app) {
    report("serve", app.error());
    return kExitBadInput;
  }
  (*app)->run();
  return kExitOk;
}

}  // namespace sconce::cli
