#include "server/storage/rocksdb/log/proven_file.h"

#include <algorithm>
#include <utility>

#include "server/storage/rocksdb/log/log_reader.h"

namespace sconce::server::storage {

namespace {

using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// Frames records, one after the other.
class LogFramer {
 public:
  /// `begin`: where in the file the first one lies.
  explicit LogFramer(std::uint64_t begin) : block_bytes_(begin % kLogBlockBytes) {}

  std::string frame(std::string_view record) {
    std::string framed;
    bool is_first = true;
    do {
      if (const std::uint64_t left = kLogBlockBytes - block_bytes_; left < kLogHeaderBytes) {
        framed.append(left, '\0');
        block_bytes_ = 0;
      }
      const std::string_view part = record.substr(0, kLogBlockBytes - block_bytes_ - kLogHeaderBytes);
      record.remove_prefix(part.size());
      framed += log_header(type_of(is_first, record.empty()), part);
      framed += part;
      block_bytes_ = (block_bytes_ + kLogHeaderBytes + part.size()) % kLogBlockBytes;
      is_first = false;
    } while (!record.empty());
    return framed;
  }

 private:
  static LogFragment type_of(bool is_first, bool is_last) {
    if (is_first) return is_last ? LogFragment::whole : LogFragment::first;
    return is_last ? LogFragment::last : LogFragment::middle;
  }

  std::uint64_t block_bytes_;  // of the block that is being filled
};

class FirstBytes final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FirstBytes(std::unique_ptr<FSSequentialFile> file, std::uint64_t size_bytes, std::string more)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(size_bytes), more_(std::move(more)) {}

  IOStatus Read(std::size_t size, const IOOptions& options, rocksdb::Slice* bytes, char* scratch,
                IODebugContext* debug) override {
    if (left_ == 0) {
      *bytes = {scratch, more_.copy(scratch, size)};
      more_.erase(0, bytes->size());
      return IOStatus::OK();
    }
    const std::size_t wanted = std::min<std::uint64_t>(size, left_);
    const IOStatus status = FSSequentialFileOwnerWrapper::Read(wanted, options, bytes, scratch, debug);
    if (!status.ok()) return status;
    left_ -= bytes->size();
    if (more_.empty() || bytes->size() == size) return status;
    // Who gets less than was asked for takes it for the end.
    if (bytes->data() != scratch) std::copy_n(bytes->data(), bytes->size(), scratch);
    const std::size_t added = left_ == 0 ? more_.copy(scratch + bytes->size(), size - bytes->size()) : 0;
    more_.erase(0, added);
    *bytes = {scratch, bytes->size() + added};
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
  std::string more_;
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
        framed_ = framer_.frame((*piece)->record);
        at_ = 0;
        return true;
      }
    }
    return false;
  }

  const ProvenLog log_;
  LogReader reader_;
  LogFramer framer_{0};
  IOStatus failed_;
  std::string framed_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<FSSequentialFile> first_bytes(std::unique_ptr<FSSequentialFile> file, std::uint64_t size_bytes,
                                              const std::vector<std::string>& more_records) {
  std::string more;
  LogFramer framer(size_bytes);
  for (const std::string& record : more_records) more += framer.frame(record);
  return std::make_unique<FirstBytes>(std::move(file), size_bytes, std::move(more));
}

std::unique_ptr<FSSequentialFile> proven_records(std::unique_ptr<FSSequentialFile> file, ProvenLog log) {
  const bool is_whole = log.runs.empty() || (log.runs.size() == 1 && log.runs.front().begin == 0);
  if (is_whole) return first_bytes(std::move(file), log.runs.empty() ? 0 : log.runs.front().end);
  return std::make_unique<ProvenRecords>(std::move(file), std::move(log));
}

}  // namespace sconce::server::storage
