#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/graph/object.h"

namespace sconce::tests {

struct ContentOptions {
  /// The JSON has the version that the class had where it was loaded; hand-made files may say another one.
  bool versions = true;
};

/// Compares an object with the JSON that describes it (tests/golden/README.md), sharing included. Empty if they are the
/// same, else what differs.
std::string content_difference(const nlohmann::json& expected, const core::Value& root,
                               const ContentOptions& options = {});

}  // namespace sconce::tests
