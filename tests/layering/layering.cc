#include "tests/layering/layering.h"

#include <algorithm>
#include <span>

namespace sconce::tests {

namespace {

/// A room, and what of ours its files may include, by the beginning of the path.
struct Room {
  std::string_view folder;
  std::vector<std::string_view> sees;
};

/// The first that fits a path is its room.
const std::vector<Room>& rooms() {
  static const std::vector<Room> all = {
      {"core/", {"core/"}},
      {"proto/", {"core/", "proto/"}},
      {"server/storage/", {"core/", "server/storage/"}},
      {"server/observe/", {"core/", "proto/", "server/observe/", "server/storage/store_counters.h"}},
      {"server/api/", {"core/", "proto/", "server/storage/", "server/observe/", "server/api/"}},
      {"server/net/", {"core/", "proto/", "server/observe/", "server/api/", "server/net/"}},
      {"server/", {"core/", "proto/", "server/"}},
      {"cli/",
       {"core/", "proto/", "cli/", "server/app.h", "server/check.h", "server/config.h", "server/repair.h",
        "server/tokens.h"}},
      {"tests/fuzz/",
       {"core/", "proto/", "server/api/", "server/net/", "server/storage/", "tests/fuzz/",
        "tests/support/event_recorder.h"}},
      {"tests/", {"core/", "proto/", "server/", "cli/", "tests/"}},
      {"bench/", {"core/", "proto/", "server/", "bench/"}},
  };
  return all;
}

/// A header of others, by the beginning of its name, and which files may include it.
struct Library {
  std::string_view header;
  std::vector<std::string_view> files;
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> all = {
      {"rocksdb/", {"server/storage/rocksdb/", "tests/contract/rocksdb_", "tests/faults/rocksdb_"}},
      {"xxhash.h", {"server/storage/"}},
      {"nlohmann/", {"tests/"}},
      {"boost/", {"server/net/", "tests/http/", "tests/fuzz/read_head"}},
      {"archive", {"server/api/batch/tar_writer.cc", "server/api/batch/tar_reader.cc", "proto/formats/npz/"}},
      {"openssl/",
       {"server/api/access/sha256.cc", "server/api/access/token_hash.cc", "server/net/tls.cc",
        "server/net/connection/stream.cc", "cli/client/tls_", "tests/integration/access/tls", "tests/server/"}},
      {"spdlog/", {"server/observe/"}},
      {"prometheus/", {"server/observe/"}},
      {"CLI/", {"cli/"}},
      {"gtest/", {"tests/"}},
      {"gmock/", {"tests/"}},
      {"benchmark/", {"bench/"}},
  };
  return all;
}

/// Headers that name a store; who takes a `Store&` needs none of them.
constexpr std::string_view kConcreteStores[] = {"server/storage/rocksdb/", "server/storage/memory_store.h"};

bool begins_with_one_of(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

const Room* room_of(std::string_view path) {
  const auto found = std::ranges::find_if(rooms(), [&](const Room& room) { return path.starts_with(room.folder); });
  return found == rooms().end() ? nullptr : &*found;
}

std::string forbidden_own(const Include& include) {
  const Room* const room = room_of(include.from);
  if (room == nullptr) return "is in no room";
  if (!begins_with_one_of(include.what, room->sees)) return "does not see " + include.what;
  const bool may_name_stores = include.from.starts_with("server/storage/") || include.from.starts_with("tests/") ||
                               include.from.starts_with("bench/") || include.from == "server/app.cc" ||
                               include.from == "server/check.cc" || include.from == "server/repair.cc";
  if (!may_name_stores && begins_with_one_of(include.what, kConcreteStores)) return "names a concrete store";
  return {};
}

/// core and proto touch the machine in the files that save and load, and in the one that sets the characters of a
/// thread, and nowhere else.
std::string forbidden_system(const Include& include) {
  const bool of_cpp = !include.what.ends_with(".h") && include.what.find('/') == std::string::npos;
  const bool pure = include.from.starts_with("core/") || include.from.starts_with("proto/");
  constexpr std::string_view kFiles[] = {"core/files/mapped_file.cc",    "core/files/atomic_file.cc",
                                         "core/files/file_error.h",      "core/files/spool_file.cc",
                                         "core/files/sync_directory.cc", "proto/formats/npz/utf8_locale.h"};
  if (of_cpp || !pure || begins_with_one_of(include.from, kFiles)) return {};
  return "may only use the standard library, not <" + include.what + ">";
}

}  // namespace

std::vector<Include> includes_of(const std::string& path, std::string_view text) {
  std::vector<Include> includes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    constexpr std::string_view kInclude = "#include ";
    if (!line.starts_with(kInclude)) continue;
    const std::string_view rest = line.substr(kInclude.size());
    const bool quoted = rest.starts_with('"');
    const std::size_t close = rest.find(quoted ? '"' : '>', 1);
    if (close != std::string_view::npos) includes.push_back({path, std::string(rest.substr(1, close - 1)), quoted});
  }
  return includes;
}

std::string forbidden(const Include& include) {
  if (include.quoted) return forbidden_own(include);
  for (const Library& library : libraries()) {
    if (!include.what.starts_with(library.header)) continue;
    return begins_with_one_of(include.from, library.files) ? "" : "does not see <" + include.what + ">";
  }
  return forbidden_system(include);
}

}  // namespace sconce::tests
