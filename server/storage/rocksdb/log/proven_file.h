#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "server/storage/rocksdb/log/log_proof.h"

namespace sconce::server::storage {

/// The first bytes of a log or manifest, which end after a record, and then these records. Threads: one file, one at a
/// time. Errors: those of `file`, from each read.
std::unique_ptr<rocksdb::FSSequentialFile> first_bytes(std::unique_ptr<rocksdb::FSSequentialFile> file,
                                                       std::uint64_t size_bytes,
                                                       const std::vector<std::string>& more_records = {});

/// A log of those records of `file` alone that `log` names, as if no others had been written.
std::unique_ptr<rocksdb::FSSequentialFile> proven_records(std::unique_ptr<rocksdb::FSSequentialFile> file,
                                                          ProvenLog log);

}  // namespace sconce::server::storage
