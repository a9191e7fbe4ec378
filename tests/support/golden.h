#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/classes/class_layout.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/format.h"

namespace sconce::tests {

/// A file of tests/golden, whole. Throws if it cannot be read.
std::string read_golden(const std::string& name);

std::span<const std::byte> bytes_of(std::string_view text);

/// One line of tests/golden/MANIFEST.json: what Torch7 wrote for a case.
struct GoldenRow {
  std::string name;  // of the case
  core::Format format;
  bool referenced;
  std::string file;
  std::string expect;  // the JSON file that says what it holds
};
const std::vector<GoldenRow>& golden_rows();

/// The rows of one case in one format, or null. b64 and binary rows name the same files.
const GoldenRow* golden_row(const std::string& name, core::Format format, bool referenced);

nlohmann::json golden_json(const std::string& name);

/// The layouts of the classes that write their own payload in the fixtures, as `--classes` reads them.
std::string golden_class_text();
/// The default layouts and these.
const core::ClassLayouts& golden_classes();

/// How a fixture is to be read.
core::ReadOptions golden_options(bool referenced);

}  // namespace sconce::tests
