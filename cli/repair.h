#pragma once

#include <string>

namespace sconce::cli {

struct RepairArguments {
  std::string data_dir;  ///< Of a server that does not run.
  bool apply = false;    ///< Else it only tells what it would do.
};

/// `sconce repair`: one line on stderr for each damage, and what becomes of it; on stdout what is whole. Returns the
/// exit code: 1 if damage is left. Threads: the main one.
int repair(const RepairArguments& arguments);

}  // namespace sconce::cli
