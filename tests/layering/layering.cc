#include "tests/layering/layering.h"

#include <algorithm>
#include <span>

namespace sconce::tests {

namespace {

/// A room, and what of ours its files may include. `folder/*` is the files that lie directly in a folder, `folder/` all
/// that lie below it; else it is the beginning of a path.
struct Room {
  std::string_view files;
  std::vector<std::string_view> sees;
};

/// The first that fits a path is its room.
const std::vector<Room>& rooms() {
  static const std::vector<Room> all = {
      {"core/*", {"core/*"}},
      {"core/bytes/", {"core/*", "core/bytes/"}},
      {"core/numbers/", {"core/*", "core/numbers/"}},
      {"core/text/", {"core/*", "core/text/"}},
      {"core/event/", {"core/*", "core/event/"}},
      {"core/classes/", {"core/*", "core/event/", "core/numbers/", "core/classes/"}},
      {"core/files/", {"core/*", "core/bytes/", "core/files/"}},
      {"core/tensor/", {"core/*", "core/bytes/", "core/event/", "core/tensor/"}},
      {"core/torch7/",
       {"core/*", "core/bytes/", "core/classes/", "core/event/", "core/numbers/", "core/text/", "core/torch7/"}},
      {"core/graph/",
       {"core/*", "core/bytes/", "core/event/", "core/files/", "core/numbers/", "core/text/", "core/torch7/",
        "core/graph/"}},
      {"core/outline/",
       {"core/*", "core/bytes/", "core/classes/", "core/event/", "core/tensor/", "core/text/", "core/torch7/",
        "core/outline/"}},

      {"proto/formats/*", {"core/", "proto/formats/*"}},
      {"proto/formats/json/", {"core/", "proto/formats/*", "proto/formats/json/"}},
      {"proto/formats/arrays/", {"core/", "proto/formats/*", "proto/formats/json/", "proto/formats/arrays/"}},
      {"proto/formats/npz/", {"core/", "proto/formats/*", "proto/formats/arrays/", "proto/formats/npz/"}},
      {"proto/formats/convert/", {"core/", "proto/formats/"}},
      {"proto/http/*", {"core/", "proto/formats/json/", "proto/http/*"}},
      {"proto/http/fields/", {"core/", "proto/formats/*", "proto/http/*", "proto/http/fields/"}},
      {"proto/http/access/", {"core/", "proto/http/*", "proto/http/fields/", "proto/http/access/"}},
      {"proto/http/requests/", {"core/", "proto/formats/json/", "proto/http/"}},

      {"server/storage/*", {"core/", "server/storage/*"}},
      {"server/storage/cache/", {"core/", "server/storage/*", "server/storage/cache/"}},
      {"server/storage/commits/", {"core/", "server/storage/*", "server/storage/commits/"}},
      {"server/storage/rocksdb/*",
       {"core/", "server/storage/*", "server/storage/cache/", "server/storage/commits/", "server/storage/rocksdb/"}},
      {"server/storage/rocksdb/background/",
       {"core/", "server/storage/*", "server/storage/rocksdb/database/stored_object.h",
        "server/storage/rocksdb/background/"}},
      {"server/storage/rocksdb/database/",
       {"core/", "server/storage/*", "server/storage/rocksdb/files/", "server/storage/rocksdb/log/",
        "server/storage/rocksdb/packs/", "server/storage/rocksdb/database/"}},
      {"server/storage/rocksdb/packs/",
       {"core/", "server/storage/*", "server/storage/rocksdb/files/", "server/storage/rocksdb/packs/"}},
      {"server/storage/rocksdb/log/",
       {"core/", "server/storage/*", "server/storage/rocksdb/files/", "server/storage/rocksdb/log/"}},
      {"server/storage/rocksdb/files/", {"core/", "server/storage/rocksdb/files/"}},
      {"server/observe/",
       {"core/", "proto/http/", "server/observe/", "server/storage/store_counters.h", "server/storage/store_health.h"}},
      {"server/http/", {"core/", "proto/http/", "server/http/"}},
      {"server/api/access/", {"core/", "proto/", "server/http/", "server/api/access/"}},
      {"server/api/objects/",
       {"core/", "proto/", "server/storage/*", "server/observe/", "server/http/", "server/api/context.h",
        "server/api/bodiless_request.h", "server/api/access/", "server/api/objects/"}},
      {"server/api/batch/",
       {"core/", "proto/", "server/storage/*", "server/observe/", "server/http/", "server/api/context.h",
        "server/api/access/", "server/api/objects/", "server/api/batch/"}},
      {"server/api/*",
       {"core/", "proto/", "server/storage/*", "server/observe/", "server/http/", "server/net/handler.h",
        "server/api/"}},
      {"server/net/", {"core/", "proto/http/", "server/observe/", "server/http/", "server/net/"}},
      {"server/*", {"core/", "proto/", "server/"}},

      {"cli/client/", {"core/", "proto/http/", "cli/client/"}},
      {"cli/printing/", {"core/", "proto/", "cli/printing/"}},
      {"cli/*",
       {"core/", "proto/", "cli/", "server/app.h", "server/check.h", "server/config.h", "server/repair.h",
        "server/tokens.h"}},
      {"tests/fuzz/",
       {"core/", "proto/", "server/api/", "server/http/", "server/net/", "server/storage/", "tests/fuzz/",
        "tests/support/event_recorder.h", "tests/support/unlimited_memory.h"}},
      {"tests/", {"core/", "proto/", "server/", "cli/", "tests/"}},
      {"bench/", {"core/", "proto/", "server/", "bench/"}},
  };
  return all;
}

bool covers(std::string_view files, std::string_view path) {
  if (!files.ends_with("/*")) return path.starts_with(files);
  files.remove_suffix(1);
  return path.starts_with(files) && path.find('/', files.size()) == std::string_view::npos;
}

/// A header of others, by the beginning of its name, and which files may include it.
struct Library {
  std::string_view header;
  std::vector<std::string_view> files;
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> all = {
      {"rocksdb/",
       {"server/storage/rocksdb/", "tests/contract/rocksdb_", "tests/contract/packs/", "tests/faults/rocksdb_"}},
      {"xxh", {"server/storage/"}},
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

/// Of a path; null if it lies in none.
const Room* room_of(std::string_view path) {
  const auto found = std::ranges::find_if(rooms(), [&](const Room& room) { return covers(room.files, path); });
  return found == rooms().end() ? nullptr : &*found;
}

std::string forbidden_own(const Include& include) {
  const Room* const room = room_of(include.from);
  if (room == nullptr) return "is in no room";
  const auto is_seen = [&include](std::string_view files) { return covers(files, include.what); };
  if (std::ranges::none_of(room->sees, is_seen)) return "does not see " + include.what;
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
  constexpr std::string_view kFiles[] = {
      "core/files/mapped_file.cc",    "core/files/atomic_file.cc",      "core/files/saved_file.cc",
      "core/files/write_all.cc",      "core/files/file_error.h",        "core/files/spool_file.cc",
      "core/files/file_source.cc",    "core/files/descriptor.h",        "core/files/read_file.cc",
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
