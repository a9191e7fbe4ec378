#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/storage/engine.h"

namespace sconce::tests {

/// The RocksDB store in a directory; throws if it does not open.
std::unique_ptr<server::storage::StorageEngine> open_in(const std::filesystem::path& directory);

/// The database as RocksDB sees it.
class RawDatabase {
 public:
  explicit RawDatabase(const std::filesystem::path& directory);
  ~RawDatabase();
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  /// Puts other bytes where the first object is.
  void replace_object(const std::string& bytes);
  std::size_t garbage_count();
  /// The paths of a family's table files.
  std::vector<std::string> tables_of(const std::string& family);
  void delete_key(const std::string& key);
  void set_layout(const std::string& version);
  /// As if the greatest revision so far were this one.
  void set_last_revision(const server::storage::Revision& revision);
  std::string layout();
  void forget_uploads();
  /// As if no object were in any pack.
  void forget_pack_counts();
  /// Writes what is in the log to files.
  void flush();
  void add_family(const std::string& name);
  /// How many values there are, whether or not a key names them.
  std::size_t object_count();

 private:
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

std::size_t count_objects(const std::filesystem::path& directory);

/// Flips one byte in every file of this kind; how many those are.
std::size_t damage_files(const std::filesystem::path& directory, const std::string& extension, std::uint64_t offset);

/// What the files with this extension take on the disk; holes take nothing.
std::uint64_t space_of_files(const std::filesystem::path& directory, const std::string& extension);

/// The bytes of the files with this extension, and of all files.
std::uint64_t bytes_of_files(const std::filesystem::path& directory, const std::string& extension);
std::uint64_t bytes_in(const std::filesystem::path& directory);

}  // namespace sconce::tests
