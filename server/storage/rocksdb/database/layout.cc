#include "server/storage/rocksdb/database/layout.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/log/write_batch.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kLayoutVersion = "5";
constexpr std::string_view kOlderLayouts[] = {"1", "2", "3", "4"};  // all that they have means the same now

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

std::string steps(const std::string& from) { return "layout " + from + " → " + std::string(kLayoutVersion); }

}  // namespace

DataLayout::DataLayout(LogFiles& logs, std::function<void(const std::string&)> tell)
    : logs_(logs), tell_(std::move(tell)) {}

Result<std::string> DataLayout::read(RocksdbInstance& instance) {
  std::string version;
  const rocksdb::Status read = instance.db->Get({}, instance.general, slice(kLayoutKey), &version);
  if (read.ok() || read.IsNotFound()) return version;
  return std::unexpected(error_from(read, "cannot read the layout's version"));
}

Status DataLayout::check(const std::string& version) {
  if (version == kLayoutVersion || std::ranges::find(kOlderLayouts, version) != std::end(kOlderLayouts)) return {};
  return core::fail(core::ErrorCode::io_error, "the data has layout " + version + ", and this program knows layout " +
                                                   std::string(kLayoutVersion) + "; use a newer program");
}

Status DataLayout::begin(RocksdbInstance& instance) {
  if (is_older_) return {};  // a start that failed later goes on
  Result<std::string> version = read(instance);
  if (!version) return std::unexpected(std::move(version.error()));
  if (version->empty()) return write(instance);
  if (Status known = check(*version); !known) return known;
  if (*version == kLayoutVersion) return {};
  version_ = std::move(*version);
  is_older_ = true;
  tell_(steps(version_) + " with the first write: until then the program that wrote the data can still read it");
  return {};
}

Status DataLayout::raise(RocksdbInstance& instance) {
  if (!is_older_) return {};
  const std::lock_guard lock(raising_);
  if (!is_older_) return {};
  if (Status written = write(instance); !written) return written;
  is_older_ = false;
  tell_(steps(version_) + " is done: older programs no longer read the data");
  return {};
}

Status DataLayout::write(RocksdbInstance& instance) {
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::WriteBatch batch;
  rocksdb::Status written = batch.Put(instance.general, slice(kLayoutKey), slice(kLayoutVersion));
  if (written.ok()) {
    logs_.seal(batch);
    written = write_batch(*instance.db, options, batch);
  }
  if (!written.ok()) return std::unexpected(error_from(written, "cannot write the layout's version"));
  logs_.note_synced();
  return {};
}

}  // namespace sconce::server::storage
