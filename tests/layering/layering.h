#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sconce::tests {

/// One `#include` of ours: who includes what. Paths are relative to the repository.
struct Include {
  std::string from;
  std::string what;     // without quotes or brackets
  bool quoted = false;  // "…" rather than <…>
};

std::vector<Include> includes_of(const std::string& path, std::string_view text);

/// Why this include may not be; empty if it may. The rules are those of docs/architecture.md.
std::string forbidden(const Include& include);

}  // namespace sconce::tests
