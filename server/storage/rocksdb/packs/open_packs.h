#pragma once

#include <rocksdb/file_system.h>

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "server/storage/rocksdb/packs/pack_directory.h"

namespace sconce::server::storage {

/// Packs that are open to be read: those that were read last. Threads: safe from many. Lifetime: the directory outlives
/// it; a file that was given stays open while it is held, also after its pack was removed. Errors: io_error, corrupt
/// (it is missing).
class OpenPacks {
 public:
  using File = std::shared_ptr<rocksdb::FSRandomAccessFile>;

  OpenPacks(PackDirectory& directory, std::size_t files_max) : directory_(directory), files_max_(files_max) {}

  Result<File> open(const Revision& pack);
  /// After it was removed: its space is free once nobody holds it.
  void close(const Revision& pack);

 private:
  struct Entry {
    Revision pack;
    File file;
  };
  using Entries = std::list<Entry>;

  File find(const Revision& pack);
  void keep(const Revision& pack, const File& file);

  PackDirectory& directory_;
  const std::size_t files_max_;
  std::mutex mutex_;
  Entries entries_;  // the one that was used last is the first
  std::map<Revision, Entries::iterator> places_;
};

}  // namespace sconce::server::storage
