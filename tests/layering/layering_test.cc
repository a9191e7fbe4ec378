// The arrows between the rooms, read from the includes.

#include "tests/layering/layering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sconce::tests {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolders[] = {"core", "proto", "server", "cli", "tests", "bench"};

std::string text_of(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

TEST(Layering, EveryIncludeIsAllowed) {
  const fs::path root = SCONCE_SOURCE_DIR;
  std::size_t checked = 0;
  for (const std::string_view folder : kFolders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cc" && extension != ".h") continue;
      const std::string path = fs::relative(entry.path(), root).string();
      for (const Include& include : includes_of(path, text_of(entry.path()))) {
        EXPECT_EQ(forbidden(include), "") << path << " includes " << include.what;
        checked += 1;
      }
    }
  }
  EXPECT_GT(checked, 500U);
}

TEST(Layering, NoFolderIsADrawerForEverything) {
  const fs::path root = SCONCE_SOURCE_DIR;
  for (const std::string_view folder : kFolders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(entry.is_directory() && (name == "common" || name == "util" || name == "utils")) << entry.path();
    }
  }
}

/// More than that nobody reads at a glance.
TEST(Layering, AFolderHasFewFiles) {
  constexpr std::ptrdiff_t kFilesMax = 30;
  const fs::path root = SCONCE_SOURCE_DIR;
  std::vector<fs::path> folders(std::begin(kFolders), std::end(kFolders));
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (folders[i] == "tests/golden") continue;  // what Torch wrote
    std::ptrdiff_t files = 0;
    for (const auto& entry : fs::directory_iterator(root / folders[i])) {
      if (entry.is_directory()) folders.push_back(folders[i] / entry.path().filename());
      else files += 1;
    }
    EXPECT_LE(files, kFilesMax) << folders[i];
  }
}

TEST(Layering, ARoomSaysOnOnePageWhatIsInIt) {
  constexpr std::ptrdiff_t kLinesMax = 15;
  const fs::path root = SCONCE_SOURCE_DIR;
  for (const std::string_view house : {"core", "proto", "server", "cli"}) {
    std::vector<fs::path> rooms = {root / house};
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      const std::string page = text_of(rooms[i] / "README.md");
      EXPECT_FALSE(page.empty()) << rooms[i];
      EXPECT_LE(std::ranges::count(page, '\n'), kLinesMax) << rooms[i];
      for (const auto& entry : fs::directory_iterator(rooms[i])) {
        if (entry.is_directory()) rooms.push_back(entry.path());
      }
    }
  }
}

TEST(Layering, ForbiddenArrowsAreFound) {
  const Include rows[] = {
      {"core/error.cc", "core/event/event.h", true},
      {"core/bytes/spool.h", "core/event/event.h", true},
      {"core/event/event.h", "core/graph/object.h", true},
      {"core/outline/outline_builder.cc", "core/graph/object.h", true},
      {"proto/formats/json/json_reader.cc", "proto/http/problem.h", true},
      {"proto/formats/json/json_reader.cc", "proto/formats/npz/npz.h", true},
      {"proto/http/access/token.cc", "proto/http/requests/routes.h", true},
      {"server/storage/memory_store.cc", "server/storage/rocksdb/store.h", true},
      {"server/storage/rocksdb/files/free_space.cc", "server/storage/rocksdb/database/database.h", true},
      {"server/storage/rocksdb/database/database.cc", "server/storage/rocksdb/upload.h", true},
      {"server/storage/rocksdb/packs/packs.cc", "server/storage/rocksdb/database/database.h", true},
      {"server/api/access/access.cc", "server/api/objects/objects.h", true},
      {"server/api/objects/object_put.cc", "server/api/batch/batch_commit.h", true},
      {"server/api/context.h", "server/storage/rocksdb/store.h", true},
      {"server/api/objects/object_put.cc", "server/net/handler.h", true},
      {"server/api/api.cc", "server/net/server.h", true},
      {"server/http/message.cc", "server/net/handler.h", true},
      {"server/net/connection/session.cc", "server/api/api.h", true},
      {"server/net/connection/session.cc", "server/api/objects/objects.h", true},
      {"server/api/objects/object_put.cc", "xxh_x86dispatch.h"},
      {"cli/printing/report.cc", "cli/inspect.h", true},
      {"core/graph/object.cc", "proto/http/problem.h", true},
      {"core/graph/object.cc", "server/config.h", true},
      {"core/graph/object.cc", "nlohmann/json.hpp"},
      {"core/graph/object.cc", "boost/container/small_vector.hpp"},
      {"core/graph/object.cc", "sys/socket.h"},
      {"core/graph/object.cc", "unistd.h"},
      {"proto/http/problem.cc", "server/storage/store.h", true},
      {"proto/http/problem.cc", "sys/socket.h"},
      {"proto/http/problem.cc", "rocksdb/db.h"},
      {"proto/http/problem.cc", "nlohmann/json.hpp"},
      {"cli/convert.cc", "nlohmann/json.hpp"},
      {"server/api/objects.cc", "nlohmann/json.hpp"},
      {"server/api/objects.cc", "rocksdb/db.h"},
      {"server/api/objects.cc", "server/storage/rocksdb/store.h", true},
      {"server/api/objects.cc", "server/storage/memory_store.h", true},
      {"server/api/objects.cc", "server/net/server.h", true},
      {"server/api/objects.cc", "boost/asio.hpp"},
      {"server/storage/memory_store.cc", "rocksdb/db.h"},
      {"server/storage/rocksdb/store.cc", "server/api/objects/objects.h", true},
      {"server/storage/rocksdb/store.cc", "server/net/server.h", true},
      {"server/net/connection/session.cc", "server/storage/store.h", true},
      {"server/net/connection/session.cc", "prometheus/registry.h"},
      {"server/observe/metrics.cc", "server/storage/store.h", true},
      {"server/observe/metrics.cc", "server/api/api.h", true},
      {"server/config.cc", "server/storage/rocksdb/store.h", true},
      {"cli/serve.cc", "server/api/objects/objects.h", true},
      {"cli/serve.cc", "rocksdb/db.h"},
      {"core/graph/object.cc", "tests/support/golden.h", true},
      {"server/app.cc", "tests/support/golden.h", true},
      {"server/app.cc", "gtest/gtest.h"},
      {"tests/fuzz/fuzz_torch.cc", "server/config.h", true},
      {"tests/fuzz/fuzz_torch.cc", "tests/support/golden.h", true},
      {"tools/x.cc", "core/error.h", true},
  };
  for (const Include& row : rows) EXPECT_NE(forbidden(row), "") << row.from << " includes " << row.what;
}

TEST(Layering, AllowedArrowsAreNot) {
  const Include rows[] = {
      {"core/graph/object.cc", "core/error.h", true},
      {"core/graph/object.cc", "vector"},
      {"core/files/mapped_file.cc", "sys/mman.h"},
      {"tests/proto/formats/json/json_tokenizer_test.cc", "nlohmann/json.hpp"},
      {"server/app.cc", "server/storage/rocksdb/store.h", true},
      {"server/storage/rocksdb/store.cc", "rocksdb/db.h"},
      {"server/net/connection/session.cc", "boost/asio.hpp"},
      {"server/api/api.h", "server/net/handler.h", true},
      {"server/observe/metrics.h", "server/storage/store_counters.h", true},
      {"server/observe/metrics.cc", "prometheus/registry.h"},
      {"cli/serve.cc", "server/app.h", true},
      {"tests/fuzz/fuzz_torch.cc", "proto/formats/json/json_reader.h", true},
  };
  for (const Include& row : rows) EXPECT_EQ(forbidden(row), "") << row.from << " includes " << row.what;
}

TEST(Layering, IncludesAreReadFromText) {
  const auto includes = includes_of("a.cc", "#include <vector>\n// #include <no>\n#include \"core/error.h\"");
  ASSERT_EQ(includes.size(), 2U);
  EXPECT_EQ(includes[0].what, "vector");
  EXPECT_FALSE(includes[0].quoted);
  EXPECT_EQ(includes[1].what, "core/error.h");
  EXPECT_TRUE(includes[1].quoted);
}

}  // namespace
}  // namespace sconce::tests
