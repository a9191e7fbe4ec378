#include "proto/formats/skipped_entries.h"

namespace sconce::proto {

void SkippedEntries::add(std::string_view name) {
  if (more_ > 0 || name.size() > kNamesBytesMax - names_bytes_) {
    more_ += 1;
    return;
  }
  names_.emplace_back(name);
  names_bytes_ += name.size();
}

void SkippedEntries::add_all(std::string_view archive, const SkippedEntries& others) {
  for (const std::string& name : others.names_) add(std::string(archive) + '/' + name);
  more_ += others.more_;
}

}  // namespace sconce::proto
