#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace sconce::server::storage {

/// What a manifest of RocksDB says of logs, from which one on each column family needs them, and of table files. The
/// rest is passed over. Threads: one at a time.
class ManifestContent {
 public:
  /// `tables_of`: the name of a column family, for `tables`; or empty.
  explicit ManifestContent(std::string tables_of = "") : tables_of_(std::move(tables_of)) {}

  struct Table {
    std::uint64_t number = 0;
    std::uint64_t level = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t last_sequence = 0;  // the greatest of its records
    std::uint32_t family = 0;
    std::uint64_t record_begin = 0;  // of the record that adds it
  };

  /// Takes one record, which begins at a byte of the manifest. Errors: corrupt, also for what only a newer RocksDB
  /// writes.
  core::Status add(std::string_view record, std::uint64_t record_begin = 0);

  /// Logs with a lower number are not read when the database is opened.
  std::uint64_t first_log() const;

  /// What was flushed of all families but that of `tables_of`, whose files are taken in: the greatest sequence, and the
  /// first log of which nothing was flushed. A record of that log and of later ones has a greater sequence.
  std::uint64_t flushed_sequence() const { return flushed_sequence_; }
  std::uint64_t first_unflushed_log() const;

  /// By number.
  const std::map<std::uint64_t, Table>& tables_of_all_families() const { return tables_; }
  std::vector<Table> tables() const;
  /// The record that takes a table out of the database.
  std::string without(const Table& table) const;

 private:
  struct Edit;
  void apply(const Edit& edit, std::uint64_t record_begin);

  const std::string tables_of_;
  std::uint32_t tables_family_ = 0;  // 0: not known yet
  std::map<std::uint64_t, Table> tables_;
  std::map<std::uint32_t, std::uint64_t> first_logs_;  // by column family
  std::uint64_t first_kept_ = 0;
  std::uint64_t flushed_sequence_ = 0;
};

}  // namespace sconce::server::storage
