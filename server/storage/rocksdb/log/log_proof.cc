#include "server/storage/rocksdb/log/log_proof.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/log/log_reader.h"
#include "server/storage/rocksdb/log/manifest.h"
#include "server/storage/rocksdb/log/proven_file.h"
#include "server/storage/rocksdb/log/record_judge.h"
#include "server/storage/rocksdb/log/synced_file.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kManifestPrefix = "MANIFEST-";
constexpr std::string_view kLogSuffix = ".log";

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> log_number(std::string_view file) {
  if (!file.ends_with(kLogSuffix)) return std::nullopt;
  return number_of(file.substr(0, file.size() - kLogSuffix.size()));
}

std::string file_of(std::uint64_t number, std::string_view suffix) {
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return digits.append(suffix);
}

class LogProver {
 public:
  LogProver(rocksdb::FileSystem& files, const std::filesystem::path& directory, ProofOf what, const FileEnds& ends)
      : files_(files), directory_(directory), what_(what), ends_(ends) {}

  Result<LogProof> prove() {
    if (Status read = read_current(); !read) return std::unexpected(std::move(read.error()));
    if (proof_.manifest.empty()) return std::move(proof_);
    const auto synced = SyncedFile::read(files_, directory_);
    if (!synced) return std::unexpected(synced.error());
    if (Status read = read_manifest(); !read) return std::unexpected(std::move(read.error()));
    RecordJudge judge(*synced ? std::optional((*synced)->salt) : std::nullopt);
    if (Status read = read_logs(judge); !read) return std::unexpected(std::move(read.error()));
    SyncedPositions known = judge.synced();
    const std::uint64_t manifest = *number_of(std::string_view(proof_.manifest).substr(kManifestPrefix.size()));
    if (*synced) known.add((*synced)->synced);
    proof_.salt = judge.salt();
    proof_.layout = judge.layout();
    // Who opens the database for writing makes a manifest, and then writes SYNCED.
    proof_.is_sealed = judge.has_seals() || (*synced && (*synced)->synced.manifest == manifest);
    if (Status judged = judge_manifest(known, manifest); !judged) return std::unexpected(std::move(judged.error()));
    if (const auto end = begin_of_unsynced_table(known, manifest)) return prove_without_end_of_manifest(*end);
    judge_logs(known);
    proof_.synced = std::move(known);
    if (what_ == ProofOf::logs_and_chunks) {
      for (const ManifestContent::Table& table : manifest_.tables()) look_for(table);
    }
    return std::move(proof_);
  }

 private:
  using Piece = LogReader::Piece;

  static std::string not_ours_or_damaged() {
    return "; if it was a store, put a backup of the directory in its place; if it is no store of Sconce's, name "
           "another "
           "directory by --data";
  }

  std::string path_of(const std::string& file) const { return directory_ / file; }

  Status read_current() {
    std::string text;
    const rocksdb::IOStatus status = read_small(path_of("CURRENT"), text);
    if (status.IsNotFound() || status.IsPathNotFound()) return {};
    if (!status.ok()) return std::unexpected(error_from(status, "cannot read `" + path_of("CURRENT") + "`"));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.starts_with(kManifestPrefix) || !number_of(std::string_view(text).substr(kManifestPrefix.size()))) {
      return core::fail(core::ErrorCode::corrupt,
                        "`" + path_of("CURRENT") + "` names no manifest" + not_ours_or_damaged());
    }
    proof_.manifest = text;
    return {};
  }

  rocksdb::IOStatus read_small(const std::string& path, std::string& text) {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    rocksdb::IOStatus opened = files_.NewSequentialFile(path, {}, &file, nullptr);
    if (!opened.ok()) return opened;
    text.resize(256);
    rocksdb::Slice bytes;
    const rocksdb::IOStatus read = file->Read(text.size(), {}, &bytes, text.data(), nullptr);
    text = bytes.ToString();
    return read;
  }

  Result<std::unique_ptr<rocksdb::FSSequentialFile>> open(const std::string& file) {
    std::unique_ptr<rocksdb::FSSequentialFile> opened;
    const rocksdb::IOStatus status = files_.NewSequentialFile(path_of(file), {}, &opened, nullptr);
    const auto end = ends_.find(file);
    if (status.ok() && end != ends_.end()) return first_bytes(std::move(opened), end->second);
    if (status.ok()) return opened;
    return std::unexpected(error_from(status, "cannot open `" + path_of(file) + "`"));
  }

  Status read_manifest() {
    auto file = open(proof_.manifest);
    if (!file) {
      file.error().what += ", which CURRENT names" + not_ours_or_damaged();
      return std::unexpected(std::move(file.error()));
    }
    const auto accept = [](std::string_view, std::uint64_t, LogReader::Found found) {
      return found == LogReader::Found::in_order;
    };
    LogReader reader(std::move(*file), path_of(proof_.manifest), accept);
    while (true) {
      const auto next = reader.next();
      if (!next) return std::unexpected(next.error());
      if (!*next) return {};
      const Piece& piece = **next;
      if (piece.kind == LogReader::Kind::hole) {
        manifest_hole_ = {.begin = piece.begin, .is_cut_short = piece.is_cut_short};
        return {};
      }
      proof_.manifest_bytes = piece.end;
      if (const Status understood = manifest_.add(piece.record, piece.begin); !understood) {
        return core::fail(core::ErrorCode::corrupt, "`" + path_of(proof_.manifest) + "`: byte " +
                                                        std::to_string(piece.begin) + ": " + understood.error().what);
      }
    }
  }

  bool is_there(const ManifestContent::Table& table) {
    std::uint64_t size_bytes = 0;
    const rocksdb::IOStatus found =
        files_.GetFileSize(path_of(file_of(table.number, ".sst")), {}, &size_bytes, nullptr);
    return found.ok() && size_bytes == table.size_bytes;
  }

  void look_for(const ManifestContent::Table& table) {
    if (is_there(table)) return;
    proof_.missing_chunks.push_back(file_of(table.number, ".sst"));
    proof_.without_missing.push_back(manifest_.without(table));
  }

  /// A table is on the disk, whole, before the record that adds it is synced. Where that sync fails RocksDB gives the
  /// table up, and a power cut may keep the record. So after the end of what was synced a record whose table is not
  /// there proves nothing of itself and of what follows.
  std::optional<std::uint64_t> begin_of_unsynced_table(const SyncedPositions& known, std::uint64_t number) {
    if (!proof_.is_sealed || known.manifest != number) return std::nullopt;
    std::optional<std::uint64_t> begin;
    for (const auto& row : manifest_.tables_of_all_families()) {
      const ManifestContent::Table& table = row.second;
      if (table.record_begin < known.manifest_bytes || (begin && *begin <= table.record_begin)) continue;
      if (!is_there(table)) begin = table.record_begin;
    }
    return begin;
  }

  /// What the records of the manifest's end say of logs is not so either.
  Result<LogProof> prove_without_end_of_manifest(std::uint64_t end) {
    FileEnds ends = ends_;
    ends[proof_.manifest] = end;
    return LogProver(files_, directory_, what_, ends).prove();
  }

  Status judge_manifest(const SyncedPositions& known, std::uint64_t number) {
    if (known.manifest > number) {
      return core::fail(core::ErrorCode::corrupt, "`" + path_of("CURRENT") + "` names " + proof_.manifest +
                                                      ", and a later manifest was in use; put a backup of the "
                                                      "directory in its place");
    }
    const std::uint64_t synced = known.manifest == number ? known.manifest_bytes : 0;
    const std::uint64_t end = manifest_hole_ ? manifest_hole_->begin : proof_.manifest_bytes;
    const bool is_tail = proof_.is_sealed || (manifest_hole_ && manifest_hole_->is_cut_short);
    if (end >= synced && (!manifest_hole_ || is_tail)) return {};
    return core::fail(core::ErrorCode::corrupt,
                      "`" + path_of(proof_.manifest) + "`: byte " + std::to_string(end) +
                          ": the list of the database's files is damaged, which cannot be repaired; put a backup of "
                          "the directory in its place");
  }

  Status read_logs(RecordJudge& judge) {
    std::vector<std::string> names;
    const rocksdb::IOStatus listed = files_.GetChildren(directory_.string(), {}, &names, nullptr);
    if (!listed.ok()) return std::unexpected(error_from(listed, "cannot list `" + directory_.string() + "`"));
    std::map<std::uint64_t, std::string> logs;
    for (const std::string& name : names) {
      const std::optional<std::uint64_t> number = log_number(name);
      if (number && *number >= manifest_.first_log()) logs[*number] = name;
    }
    for (const auto& [number, name] : logs) {
      // A log that was removed may lie where a new one, of which nothing was synced, begins.
      if (number >= manifest_.first_unflushed_log()) judge.begin_log(manifest_.flushed_sequence());
      if (Status read = read_log(name, judge); !read) return read;
    }
    return {};
  }

  Status read_log(const std::string& name, RecordJudge& judge) {
    auto file = open(name);
    if (!file) return std::unexpected(std::move(file.error()));
    LogReader reader(std::move(*file), path_of(name),
                     [&judge](std::string_view record, std::uint64_t, LogReader::Found found) {
                       return judge.accept(record, found);
                     });
    ProvenLog log{.file = name, .size_bytes = 0, .runs = {}};
    bool goes_on = false;
    while (true) {
      const auto next = reader.next();
      if (!next) return std::unexpected(next.error());
      if (!*next) break;
      const Piece& piece = **next;
      log.size_bytes = piece.end;
      if (piece.kind == LogReader::Kind::hole) {
        holes_.push_back({.file = name, .begin = piece.begin, .end = piece.end});
        last_is_cut_short_ = piece.is_cut_short;
        goes_on = false;
        continue;
      }
      if (goes_on) log.runs.back().end = piece.end;
      else log.runs.push_back({.file = name, .begin = piece.begin, .end = piece.end});
      goes_on = true;
    }
    proof_.logs.push_back(std::move(log));
    return {};
  }

  /// The end of what was synced: in which log, and where in it.
  struct Position {
    std::uint64_t log = 0;
    std::uint64_t byte = 0;
    friend auto operator<=>(const Position&, const Position&) = default;
  };

  void judge_logs(const SyncedPositions& known) {
    Position synced_end;
    for (const auto& [number, bytes] : known.log_bytes) {
      if (number < manifest_.first_log() || bytes == 0) continue;
      synced_end = std::max(synced_end, Position{.log = number, .byte = bytes});
      check_length(number, bytes);
    }
    for (const FileRange& hole : holes_) {
      const Position begin{.log = *log_number(hole.file), .byte = hole.begin};
      const bool is_tail = proof_.is_sealed ? begin >= synced_end : is_last(hole) && last_is_cut_short_;
      if (is_tail) return drop_from(hole);
      proof_.damages.push_back(hole);
    }
  }

  bool is_last(const FileRange& hole) const {
    const auto log = std::ranges::find(proof_.logs, hole.file, &ProvenLog::file);
    const auto is_empty = [](const ProvenLog& later) { return later.size_bytes == 0; };
    return &hole == &holes_.back() && std::all_of(std::next(log), proof_.logs.end(), is_empty);
  }

  /// A log that is gone, or that ends before what was synced of it.
  void check_length(std::uint64_t number, std::uint64_t synced_bytes) {
    const std::string file = file_of(number, kLogSuffix);
    const auto log = std::ranges::find(proof_.logs, file, &ProvenLog::file);
    const std::uint64_t size = log == proof_.logs.end() ? 0 : log->size_bytes;
    if (size < synced_bytes) proof_.damages.push_back({.file = file, .begin = size, .end = synced_bytes});
  }

  void drop_from(const FileRange& hole) {
    proof_.tail = hole;
    const std::uint64_t number = *log_number(hole.file);
    for (ProvenLog& log : proof_.logs) {
      const std::uint64_t this_number = *log_number(log.file);
      if (this_number < number) continue;
      const std::uint64_t begin = this_number == number ? hole.begin : 0;
      proof_.tail_bytes += log.size_bytes - begin;
      std::erase_if(log.runs, [&](const FileRange& run) { return run.begin >= begin; });
    }
    proof_.tail->end = std::ranges::find(proof_.logs, hole.file, &ProvenLog::file)->size_bytes;
  }

  struct ManifestHole {
    std::uint64_t begin = 0;
    bool is_cut_short = false;
  };

  rocksdb::FileSystem& files_;
  const std::filesystem::path& directory_;
  const ProofOf what_;
  const FileEnds& ends_;
  LogProof proof_;
  ManifestContent manifest_{"chunks"};
  std::optional<ManifestHole> manifest_hole_;
  std::vector<FileRange> holes_;
  bool last_is_cut_short_ = false;
};

}  // namespace

Result<LogProof> prove_log(rocksdb::FileSystem& files, const std::filesystem::path& directory, ProofOf what,
                           const FileEnds& ends) {
  return LogProver(files, directory, what, ends).prove();
}

core::Error damage_error(const LogProof& proof, const std::filesystem::path& directory) {
  const FileRange& first = proof.damages.front();
  const std::string file = directory / first.file;
  std::string what = "`" + file + "`: bytes " + std::to_string(first.begin) + " to " + std::to_string(first.end) + ": ";
  what += proof.is_sealed ? "the log is damaged in what was acknowledged"
                          : "the log is damaged, maybe in what was acknowledged";
  if (proof.damages.size() > 1) what += ", and in " + std::to_string(proof.damages.size() - 1) + " more places";
  what += "; `sconce repair --data " + directory.string() + "` shows what can be saved";
  return {.code = core::ErrorCode::corrupt, .what = std::move(what)};
}

}  // namespace sconce::server::storage
