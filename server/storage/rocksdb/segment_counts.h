#pragma once

#include <map>
#include <vector>

#include "server/storage/rocksdb/database/database.h"

namespace sconce::server::storage {

/// Counts who refers to each segment, to compare that with what the records say. Holds about 100 bytes for each
/// segment. Threads: one at a time.
class SegmentCounts {
 public:
  /// An object has this extent.
  void add(const Extent& extent);

  struct SegmentCorrection {
    Revision id;
    Segment right;
    std::uint32_t recorded_references = 0;
  };
  struct PackCorrection {
    Revision id;
    PackRecord right;
    PackRecord recorded;
  };
  struct Corrections {
    std::vector<SegmentCorrection> segments;
    std::vector<PackCorrection> packs;
  };
  /// Of the records that do not say what was counted. Errors: those of reading them.
  Result<Corrections> corrections(RocksdbDatabase& database) const;

 private:
  std::map<Revision, std::uint32_t> references_;
};

}  // namespace sconce::server::storage
