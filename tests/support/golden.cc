#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "tests/support/files.h"

namespace sconce::tests {

namespace {

constexpr std::string_view kClasses =
    "oracle.Packed: int double int:n char[n] long[3] object\n"
    "oracle.OneObj: object\n"
    "oracle.Empty:\n";

core::Format format_of(const std::string& name) {
  const auto format = core::format_from_name(name);
  if (!format) throw std::runtime_error("the manifest has a format " + name);
  return *format;
}

}  // namespace

std::string read_golden(const std::string& name) {
  return read_file(std::string(SCONCE_SOURCE_DIR) + "/tests/golden/" + name);
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

nlohmann::json golden_json(const std::string& name) { return nlohmann::json::parse(read_golden(name)); }

const std::vector<GoldenRow>& golden_rows() {
  static const std::vector<GoldenRow> rows = [] {
    std::vector<GoldenRow> read;
    for (const auto& row : golden_json("MANIFEST.json")) {
      read.push_back({row["case"], format_of(row["format"]), row["referenced"], row["file"], row["expect"]});
    }
    return read;
  }();
  return rows;
}

const GoldenRow* golden_row(const std::string& name, core::Format format, bool referenced) {
  using Key = std::tuple<std::string, core::Format, bool>;
  static const std::map<Key, const GoldenRow*> by_key = [] {
    std::map<Key, const GoldenRow*> made;
    for (const GoldenRow& row : golden_rows()) made[{row.name, row.format, row.referenced}] = &row;
    return made;
  }();
  const auto found = by_key.find({name, format, referenced});
  return found == by_key.end() ? nullptr : found->second;
}

std::string golden_class_text() { return std::string(kClasses); }

const core::ClassLayouts& golden_classes() {
  static const core::ClassLayouts classes = [] {
    core::ClassLayouts declared;
    const core::Status status = declared.declare_all(kClasses);
    if (!status) throw std::runtime_error(status.error().what);
    return declared;
  }();
  return classes;
}

core::ReadOptions golden_options(bool referenced) {
  core::ReadOptions options;
  options.referenced = referenced;
  options.classes = &golden_classes();
  return options;
}

}  // namespace sconce::tests
