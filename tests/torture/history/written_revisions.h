#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sconce::tests {

/// The revision that a write came to, as text that orders as revisions do, and when the write was asked for and
/// acknowledged.
struct WrittenRevision {
  std::string text;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

/// Whether a write that began after another one was acknowledged has the greater revision, whatever their keys are.
/// Nothing if it has, and all are greater than `floor`; else a sentence.
std::optional<std::string> why_revisions_do_not_grow(std::vector<WrittenRevision> writes, const std::string& floor);

}  // namespace sconce::tests
