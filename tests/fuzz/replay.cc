// Gives each kept input to its target again. A target that finds something wrong aborts, saying what.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" {
int fuzz_exchanges(const std::uint8_t* data, std::size_t size);
int fuzz_heads(const std::uint8_t* data, std::size_t size);
int fuzz_json(const std::uint8_t* data, std::size_t size);
int fuzz_layouts(const std::uint8_t* data, std::size_t size);
int fuzz_npy(const std::uint8_t* data, std::size_t size);
int fuzz_npz(const std::uint8_t* data, std::size_t size);
int fuzz_outline(const std::uint8_t* data, std::size_t size);
int fuzz_parts(const std::uint8_t* data, std::size_t size);
int fuzz_paths(const std::uint8_t* data, std::size_t size);
int fuzz_requests(const std::uint8_t* data, std::size_t size);
int fuzz_safetensors(const std::uint8_t* data, std::size_t size);
int fuzz_tar(const std::uint8_t* data, std::size_t size);
int fuzz_torch(const std::uint8_t* data, std::size_t size);
}

namespace sconce::tests {
namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

constexpr Target kTargets[] = {
    {"exchanges", fuzz_exchanges},
    {"heads", fuzz_heads},
    {"json", fuzz_json},
    {"layouts", fuzz_layouts},
    {"npy", fuzz_npy},
    {"npz", fuzz_npz},
    {"outline", fuzz_outline},
    {"parts", fuzz_parts},
    {"paths", fuzz_paths},
    {"requests", fuzz_requests},
    {"safetensors", fuzz_safetensors},
    {"tar", fuzz_tar},
    {"torch", fuzz_torch},
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> kept(const std::string& target) {
  const fs::path folder = fs::path(SCONCE_INPUTS_DIR) / target;
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, WhatWasFoundIsMended) {
  const std::string notes = read(fs::path(SCONCE_INPUTS_DIR) / "README.md");
  for (const fs::path& path : kept(GetParam().name)) {
    SCOPED_TRACE(path);
    const std::string name = std::string(GetParam().name) + '/' + path.filename().string();
    EXPECT_THAT(notes, testing::HasSubstr('`' + name + '`')) << "which says what it was";
    const std::string bytes = read(path);
    GetParam().run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
}

/// Every target takes what is no input at all.
TEST_P(Replay, EmptyInput) { EXPECT_EQ(GetParam().run(nullptr, 0), 0); }

INSTANTIATE_TEST_SUITE_P(Targets, Replay, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(ReplayFolders, EveryFolderIsOfATarget) {
  for (const auto& entry : fs::directory_iterator(SCONCE_INPUTS_DIR)) {
    const std::string name = entry.path().filename().string();
    const bool known = std::ranges::any_of(kTargets, [&name](const Target& target) { return name == target.name; });
    EXPECT_TRUE(known || name == "README.md") << name;
  }
}

}  // namespace
}  // namespace sconce::tests
