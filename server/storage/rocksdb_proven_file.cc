#include "server/storage/rocksdb_proven_file.h"

#include <algorithm>
#include <utility>

#include "server/storage/rocksdb_log_reader.h"

namespace sconce::server::storage {

namespace {

using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FirstBytes final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FirstBytes(std::unique_ptr<FSSequentialFile> file, std::uint64_t size_bytes)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(size_bytes) {}

  IOStatus Read(std::size_t size, const IOOptions& options, rocksdb::Slice* bytes, char* scratch,
                IODebugContext* debug) override {
    const std::size_t wanted = std::min<std::uint64_t>(size, left_);
    const IOStatus status = FSSequentialFileOwnerWrapper::Read(wanted, options, bytes, scratch, debug);
    if (status.ok()) left_ -= bytes->size();
    return status;
  }
  IOStatus Skip(std::uint64_t size) override {
    size = std::min(size, left_);
    left_ -= size;
    return FSSequentialFileOwnerWrapper::Skip(size);
  }
  IOStatus PositionedRead(std::uint64_t, std::size_t, const IOOptions&, rocksdb::Slice*, char*,
                          IODebugContext*) override {
    return IOStatus::NotSupported("logs are read in order");
  }

 private:
  std::uint64_t left_;
};

/// Frames each record anew. Holds one.
class ProvenRecords final : public FSSequentialFile {
 public:
  ProvenRecords(std::unique_ptr<FSSequentialFile> file, ProvenLog log)
      : log_(std::move(log)),
        reader_(std::move(file), log_.file,
                [this](std::string_view, std::uint64_t begin, LogReader::Found) { return is_proven(begin); }) {}

  IOStatus Read(std::size_t size, const IOOptions&, rocksdb::Slice* bytes, char* scratch, IODebugContext*) override {
    std::size_t given = 0;
    while (given < size) {
      if (at_ == framed_.size() && !frame_next()) break;
      const std::size_t part = std::min(size - given, framed_.size() - at_);
      std::copy_n(framed_.data() + at_, part, scratch + given);
      at_ += part;
      given += part;
    }
    *bytes = {scratch, given};
    return failed_;
  }
  IOStatus Skip(std::uint64_t) override { return IOStatus::NotSupported("logs are read in order"); }

 private:
  bool is_proven(std::uint64_t begin) const {
    return std::ranges::any_of(log_.runs,
                               [begin](const FileRange& run) { return begin >= run.begin && begin < run.end; });
  }

  /// False at the end, and after an error.
  bool frame_next() {
    while (failed_.ok()) {
      const auto piece = reader_.next();
      if (!piece) failed_ = IOStatus::IOError(piece.error().what);
      else if (!*piece) return false;
      else if ((*piece)->kind == LogReader::Kind::record) {
        frame((*piece)->record);
        return true;
      }
    }
    return false;
  }

  void frame(std::string_view record) {
    framed_.clear();
    at_ = 0;
    bool is_first = true;
    do {
      if (const std::uint64_t left = kLogBlockBytes - block_bytes_; left < kLogHeaderBytes) {
        framed_.append(left, '\0');
        block_bytes_ = 0;
      }
      const std::string_view part = record.substr(0, kLogBlockBytes - block_bytes_ - kLogHeaderBytes);
      record.remove_prefix(part.size());
      framed_ += log_header(type_of(is_first, record.empty()), part);
      framed_ += part;
      block_bytes_ = (block_bytes_ + kLogHeaderBytes + part.size()) % kLogBlockBytes;
      is_first = false;
    } while (!record.empty());
  }

  static LogFragment type_of(bool is_first, bool is_last) {
    if (is_first) return is_last ? LogFragment::whole : LogFragment::first;
    return is_last ? LogFragment::last : LogFragment::middle;
  }

  const ProvenLog log_;
  LogReader reader_;
  IOStatus failed_;
  std::string framed_;
  std::size_t at_ = 0;
  std::uint64_t block_bytes_ = 0;  // of the block that is being filled
};

}  // namespace

std::unique_ptr<FSSequentialFile> first_bytes(std::unique_ptr<FSSequentialFile> file, std::uint64_t size_bytes) {
  return std::make_unique<FirstBytes>(std::move(file), size_bytes);
}

std::unique_ptr<FSSequentialFile> proven_records(std::unique_ptr<FSSequentialFile> file, ProvenLog log) {
  const bool is_whole = log.runs.empty() || (log.runs.size() == 1 && log.runs.front().begin == 0);
  if (is_whole) return first_bytes(std::move(file), log.runs.empty() ? 0 : log.runs.front().end);
  return std::make_unique<ProvenRecords>(std::move(file), std::move(log));
}

}  // namespace sconce::server::storage
