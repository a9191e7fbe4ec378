#include "tests/torture/history/written_revisions.h"

#include <algorithm>

namespace sconce::tests {

std::optional<std::string> why_revisions_do_not_grow(std::vector<WrittenRevision> writes, const std::string& floor) {
  std::vector<WrittenRevision> by_end = writes;
  std::ranges::sort(by_end, {}, &WrittenRevision::end_ns);
  std::ranges::sort(writes, {}, &WrittenRevision::begin_ns);
  std::string newest = floor;
  auto ended = by_end.begin();
  for (const WrittenRevision& write : writes) {
    for (; ended != by_end.end() && ended->end_ns < write.begin_ns; ++ended) newest = std::max(newest, ended->text);
    if (write.text <= newest) return "a write came to the revision " + write.text + " after one to " + newest;
  }
  return std::nullopt;
}

}  // namespace sconce::tests
