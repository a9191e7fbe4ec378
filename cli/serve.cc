#include "cli/serve.h"

#include "cli/report.h"
#include "server/app.h"

namespace sconce::cli {

int serve(const server::Config& config) {
  const auto app = server::App::start(config);
  if (!app) {
    report("serve", app.error());
    return kExitBadInput;
  }
  (*app)->run();
  return kExitOk;
}

}  // namespace sconce::cli
