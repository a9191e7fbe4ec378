#include "server/storage/rocksdb/files/data_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/ascii.h"
#include "core/files/sync_directory.h"

namespace sconce::server::storage {

namespace {

namespace fs = std::filesystem;

bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, core::is_digit); }

bool is_hex(std::string_view text) { return std::ranges::all_of(text, core::is_lower_hex_digit); }

/// What a start makes before RocksDB's file CURRENT says that there is a database. Source: RocksDB, file/filename.cc.
bool is_name_of_first_start(std::string_view name) {
  if (name == "lost+found" || name == "LOCK" || name == "IDENTITY" || name == "ballast" || name == "SYNCED" ||
      name == "SYNCED.dbtmp") {
    return true;
  }
  if (name.starts_with("MANIFEST-")) return is_number(name.substr(9));
  if (name.starts_with("OPTIONS-")) name.remove_prefix(8);
  if (name.ends_with(".dbtmp")) return is_number(name.substr(0, name.size() - 6));
  return name.ends_with(".log") && is_number(name.substr(0, name.size() - 4));
}

core::Error strangers(const fs::path& directory, const std::string& name) {
  return {.code = core::ErrorCode::io_error,
          .what = "`" + directory.string() + "` is no store of Sconce's, and is not empty: it holds `" + name +
                  "`; name an empty directory, or a new one, by --data"};
}

core::Status check_uploads(const fs::path& directory) {
  std::error_code failed;
  fs::directory_iterator file(directory / "uploads", failed);
  for (; !failed && file != fs::directory_iterator(); file.increment(failed)) {
    const std::string name = file->path().filename().string();
    if (!is_name_of_upload(name)) return std::unexpected(strangers(directory, "uploads/" + name));
  }
  if (!failed) return {};
  return core::fail(core::ErrorCode::io_error,
                    "cannot read `" + (directory / "uploads").string() + "`: " + failed.message());
}

/// One without a database.
core::Status check_is_ours(const fs::path& directory) {
  std::error_code failed;
  fs::directory_iterator file(directory, failed);
  for (; !failed && file != fs::directory_iterator(); file.increment(failed)) {
    const std::string name = file->path().filename().string();
    std::error_code ignored;
    if (name == "uploads" && file->is_directory(ignored)) {
      if (core::Status checked = check_uploads(directory); !checked) return checked;
    } else if (!is_name_of_first_start(name)) {
      return std::unexpected(strangers(directory, name));
    }
  }
  if (!failed) return {};
  return core::fail(core::ErrorCode::io_error, "cannot read `" + directory.string() + "`: " + failed.message());
}

/// What lies there and is not a directory; empty if nothing does.
std::string_view obstacle_at(const fs::path& path) {
  std::error_code failed;
  const fs::file_status status = fs::symlink_status(path, failed);
  if (!fs::exists(status)) return {};
  return fs::is_symlink(status) ? "is a symbolic link that leads to no directory" : "is not a directory";
}

core::Status make_directory(const fs::path& directory, mode_t mode) {
  std::error_code failed;
  if (fs::is_directory(directory, failed)) return {};
  const fs::path parent = fs::absolute(directory).parent_path();
  if (parent != directory) {
    if (core::Status made = make_directory(parent, 0777); !made) return made;
  }
  if (::mkdir(directory.c_str(), mode) == 0) return core::sync_directory(parent);
  std::string what = "cannot create `" + directory.string() + "`: " + std::generic_category().message(errno);
  if (const std::string_view obstacle = obstacle_at(directory); !obstacle.empty()) {
    what.append("; it ").append(obstacle).append("; name another with --data");
  }
  return core::fail(core::ErrorCode::io_error, std::move(what));
}

std::string octal(mode_t mode) {
  std::string digits = "0";
  for (int shift = 6; shift >= 0; shift -= 3) digits += static_cast<char>('0' + ((mode >> shift) & 7U));
  return digits;
}

void tell_of_mode(const fs::path& directory, const std::function<void(const std::string&)>& tell) {
  struct stat about{};
  if (::stat(directory.c_str(), &about) != 0 || (about.st_mode & 077U) == 0) return;
  tell("other users of this machine may enter the data directory " + directory.string() + " (mode " +
       octal(about.st_mode) + "); `chmod 700` keeps them out");
}

}  // namespace

core::Status prepare_data_directory(const fs::path& directory, const std::function<void(const std::string&)>& tell) {
  if (directory.empty()) return core::fail(core::ErrorCode::io_error, "--data is empty; name a directory");
  std::error_code failed;
  // A path that ends with a slash has no last name.
  const fs::path path = directory.has_filename() ? directory : directory.parent_path();
  if (!fs::is_directory(path, failed)) return make_directory(path, 0700);
  tell_of_mode(path, tell);
  const bool has_database = fs::exists(path / "CURRENT", failed);
  if (failed) {
    return core::fail(core::ErrorCode::io_error, "cannot read `" + path.string() + "`: " + failed.message());
  }
  return has_database ? core::Status() : check_is_ours(path);
}

bool is_name_of_upload(std::string_view name) {
  constexpr std::size_t kIdDigits = 32;
  if (name.starts_with("spare-")) return is_number(name.substr(6));
  if (name.size() <= kIdDigits + 5 || !name.ends_with(".sst") || name[kIdDigits] != '-') return false;
  return is_hex(name.substr(0, kIdDigits)) && is_number(name.substr(kIdDigits + 1, name.size() - kIdDigits - 5));
}

}  // namespace sconce::server::storage
