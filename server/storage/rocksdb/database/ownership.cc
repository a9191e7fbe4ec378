#include "server/storage/rocksdb/database/ownership.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/rocksdb/database/flushed_layout.h"
#include "server/storage/rocksdb/database/instance.h"
#include "server/storage/rocksdb/database/layout.h"
#include "server/storage/rocksdb/files/info_log.h"
#include "server/storage/rocksdb/log/log_proof.h"

namespace sconce::server::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFamilies[] = {"default", "meta", "objects", "garbage", "chunks", "uploads"};

/// A database with the column families that it has, to be looked into.
class OpenToLook {
 public:
  OpenToLook() = default;
  ~OpenToLook() {
    for (rocksdb::ColumnFamilyHandle* const family : families_) db_->DestroyColumnFamilyHandle(family);
  }
  OpenToLook(const OpenToLook&) = delete;
  OpenToLook& operator=(const OpenToLook&) = delete;

  rocksdb::Status open(rocksdb::Env& env, const fs::path& directory, const std::vector<std::string>& names) {
    rocksdb::Options options;
    options.env = &env;
    options.info_log = rocksdb_log([](const core::Error&) {});
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names.size());
    for (const std::string& name : names) families.emplace_back(name, options);
    rocksdb::DB* opened = nullptr;
    rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, directory.string(), families, &families_, &opened);
    db_.reset(opened);
    return status;
  }

  /// Whether it holds what no store writes, or records without the layout, which a store writes first.
  bool is_anothers() const {
    bool has_layout = false;
    bool has_records = false;
    for (rocksdb::ColumnFamilyHandle* const family : families_) {
      const bool is_default = family->GetName() == rocksdb::kDefaultColumnFamilyName;
      const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, family));
      for (each->SeekToFirst(); each->Valid(); each->Next()) {
        const std::string_view key = each->key().ToStringView();
        if (is_default && key != kLayoutKey && key != kLastRevisionKey && !key.starts_with(kPackKeys)) return true;
        (is_default && key == kLayoutKey ? has_layout : has_records) = true;
        if (!is_default) break;
      }
    }
    return has_records && !has_layout;
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

core::Status anothers(const fs::path& directory) {
  return core::fail(core::ErrorCode::io_error, "`" + directory.string() +
                                                   "` holds a RocksDB database that is no store of Sconce's; name "
                                                   "another directory by --data");
}

/// The first start of a store that is cut short leaves some of the families, without records; an older program had
/// fewer. One that has all of them is a store, whatever a damaged log lost of it.
core::Status check_records(rocksdb::Env& env, const fs::path& directory, const std::vector<std::string>& names) {
  if (names.size() == std::size(kFamilies)) return {};
  OpenToLook database;
  if (const rocksdb::Status opened = database.open(env, directory, names); !opened.ok()) {
    core::Error error = open_error(opened, directory);
    error.what += "; if it is no store of Sconce's, name another directory by --data";
    return std::unexpected(std::move(error));
  }
  return database.is_anothers() ? anothers(directory) : core::Status();
}

core::Status check_families(rocksdb::Env& env, const fs::path& directory) {
  rocksdb::DBOptions options;
  options.env = &env;
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, directory.string(), &names).ok()) return {};  // the proof tells why
  const bool are_ours = std::ranges::all_of(
      names, [](const std::string& name) { return std::ranges::find(kFamilies, name) != std::end(kFamilies); });
  return are_ours ? check_records(env, directory, names) : anothers(directory);
}

}  // namespace

/// A newer program may have families that this one does not know, so its layout is told first.
core::Status check_ownership(rocksdb::Env& env, const fs::path& directory) {
  const std::string flushed = flushed_layout(env, directory);
  if (!flushed.empty()) {
    if (core::Status known = DataLayout::check(flushed); !known) return known;
  }
  core::Status ours = check_families(env, directory);
  std::error_code none;
  const bool has_lock = fs::exists(directory / "LOCK", none);
  if (ours && has_lock) return ours;
  const core::Result<LogProof> proof = prove_log(*env.GetFileSystem(), directory, ProofOf::logs);
  if (proof && proof->layout) {
    if (core::Status known = DataLayout::check(*proof->layout); !known) return known;
  }
  if (ours && !proof) return std::unexpected(proof.error());
  return ours;
}

}  // namespace sconce::server::storage
