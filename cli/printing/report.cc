#include "cli/printing/report.h"

#include <cstdio>
#include <string>

#include "cli/printing/text.h"
#include "core/text/printable.h"

namespace sconce::cli {

void report(std::string_view file, const core::Error& error) {
  std::string line = "sconce: ";
  line += file;
  if (error.offset) line += ": byte " + std::to_string(*error.offset);
  if (error.path) line += ": at " + (error.path->empty() ? std::string("(root)") : *error.path);
  line += ": " + error.what;
  const std::string safe = core::printable(line) + '\n';
  std::fwrite(safe.data(), 1, safe.size(), stderr);
}

void note(std::string_view file, std::string_view text) {
  const std::string safe = core::printable("sconce: " + std::string(file) + ": " + std::string(text)) + '\n';
  std::fwrite(safe.data(), 1, safe.size(), stderr);
}

}  // namespace sconce::cli
