#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/rocksdb/log/log_seal.h"
#include "server/storage/store.h"

namespace sconce::server::storage {

/// Bytes of a file: [begin, end).
struct FileRange {
  std::string file;  // its name, in the data directory
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// What can be read of one log.
struct ProvenLog {
  std::string file;
  std::uint64_t size_bytes = 0;
  /// Where whole records follow one another without a gap.
  std::vector<FileRange> runs;
};

/// The content of the logs and of the manifest that RocksDB reads when it opens a database.
///
/// A power cut leaves of bytes that were not synced whatever it likes: zeros, old bytes, or the new ones, page by page.
/// Seals of batches and the file SYNCED say what was synced, so a record that is damaged is one of two: before the end
/// of what was synced it is damage; after it nothing was acknowledged, and the log ends there.
struct LogProof {
  std::string manifest;  // empty: there is no database
  std::uint64_t manifest_bytes = 0;
  /// Files of chunks that are missing or have another size, and the records of the manifest that give them up.
  std::vector<std::string> missing_chunks;
  std::vector<std::string> without_missing;
  std::vector<ProvenLog> logs;  // in order, without what is in `tail`
  /// Where records are missing that were acknowledged, or may have been.
  std::vector<FileRange> damages;
  /// After the end of what was synced: the first byte that is no record, and of that file the end. Later logs go too.
  std::optional<FileRange> tail;
  std::uint64_t tail_bytes = 0;  // of all files
  /// Whether it is known what was synced. A database that an older program wrote has neither seals nor SYNCED.
  bool is_sealed = false;
  std::optional<SealSalt> salt;
  SyncedPositions synced;             // as far as it is known
  std::optional<std::string> layout;  // the version that the logs give the data, if they do
};

/// What is looked at besides the logs. A start does without: RocksDB itself looks for its files.
enum class ProofOf : std::uint8_t { logs, logs_and_chunks };

/// How many bytes of a file are read at most, by its name.
using FileEnds = std::map<std::string, std::uint64_t>;

/// Reads all of these files once, or twice where the manifest's end is given up, and changes nothing. Threads: while
/// nothing writes them. Errors: io_error, corrupt (of the manifest).
Result<LogProof> prove_log(rocksdb::FileSystem& files, const std::filesystem::path& directory, ProofOf what,
                           const FileEnds& ends = {});

/// What is to be told of the damages, and what can be done; `proof` has some.
core::Error damage_error(const LogProof& proof, const std::filesystem::path& directory);

}  // namespace sconce::server::storage
