#include "cli/repair.h"

#include <cstdio>

#include "cli/printing/report.h"
#include "cli/printing/text.h"
#include "core/text/printable.h"
#include "server/repair.h"

namespace sconce::cli {
namespace {

/// `3 objects are whole, 45148 bytes; 1 damage; nothing was changed: --apply does what is said above`
std::string verdict_on(const server::RepairedData& repaired, bool apply) {
  std::string verdict = counted(repaired.objects, "object") + (repaired.objects == 1 ? " is" : " are") + " whole, " +
                        counted(repaired.bytes, "byte");
  if (repaired.damages == 0) return verdict + "; there is nothing to repair";
  verdict += "; " + counted(repaired.damages, "damage");
  if (!apply) return verdict + "; nothing was changed: --apply does what is said above";
  const std::uint64_t repairable = repaired.damages - repaired.not_repairable;
  verdict += ", " + std::to_string(repairable) + " repaired";
  if (!repaired.removed.empty()) {
    verdict += "; the damaged files are kept in `" + core::printable(repaired.removed.string()) + "`";
  }
  return verdict;
}

}  // namespace

int repair(const RepairArguments& arguments) {
  const auto found = [&](const std::string& where, const core::Error& error) {
    report(arguments.data_dir + ": " + where, error);
  };
  const auto repaired = server::repair_data(arguments.data_dir, arguments.apply, found);
  if (!repaired) {
    report(arguments.data_dir, repaired.error());
    return kExitBadInput;
  }
  const std::string verdict = verdict_on(*repaired, arguments.apply);
  std::printf("%s: %s\n", core::printable(arguments.data_dir).c_str(), verdict.c_str());
  const std::uint64_t left = arguments.apply ? repaired->not_repairable : repaired->damages;
  return left == 0 ? kExitOk : kExitBadInput;
}

}  // namespace sconce::cli
