#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sconce::server::storage {

/// The framing of RocksDB's logs and manifests: blocks of 32 KiB, in which records lie, whole or in fragments. A
/// fragment is
///
///   offset  bytes  what
///   0       4      CRC-32C of type and data, masked
///   4       2      n, the size of the data
///   6       1      type: 1 a whole record, 2 its first fragment, 3 a middle one, 4 its last
///   7       n      data
///
/// and lies in one block. A rest of a block of less than 7 bytes is zeros. Source: rocksdb/db/log_format.h.
inline constexpr std::uint64_t kLogBlockBytes = 32 << 10;
inline constexpr std::uint64_t kLogHeaderBytes = 7;

enum class LogFragment : std::uint8_t { whole = 1, first = 2, middle = 3, last = 4 };

/// The header of a fragment.
std::string log_header(LogFragment type, std::string_view data);

/// Reads the records of a log, and where there are none though there should be. RocksDB's own reader passes over
/// zeros in silence, and in some modes over what is damaged; this one names each byte that is not in a record.
///
/// Memory is bounded by the largest record. Lifetime: a record lasts until the next call. Threads: one at a time.
class LogReader {
 public:
  /// How sure it is that RocksDB wrote a record here. After damage the next record is searched for, and what a client
  /// wrote into an object may look like one.
  enum class Found : std::uint8_t { in_order, by_search };
  /// Whether a record is what was written. One that is not counts as damaged.
  using Accept = std::function<bool(std::string_view record, std::uint64_t begin, Found found)>;

  enum class Kind : std::uint8_t { record, hole };
  struct Piece {
    Kind kind = Kind::record;
    std::uint64_t begin = 0;  // of its first fragment
    std::uint64_t end = 0;
    std::string_view record;    // until the next call
    bool is_cut_short = false;  // a hole at the end of the file, as if it had not been written any further
  };

  /// `name` is used in errors.
  LogReader(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string name, Accept accept);

  /// The next record or hole; nothing at the end. Errors: io_error.
  core::Result<std::optional<Piece>> next();

 private:
  struct Fragment {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    LogFragment type = LogFragment::whole;
    std::string_view data;
    Found found = Found::in_order;
  };

  core::Status load_block();
  bool block_is_done() const;
  std::optional<Fragment> fragment_here();
  core::Result<std::optional<Fragment>> next_fragment();
  core::Result<std::optional<Piece>> next_record();
  bool add(const Fragment& fragment);

  const std::unique_ptr<rocksdb::FSSequentialFile> file_;
  const std::string name_;
  const Accept accept_;

  std::vector<char> block_;
  std::string_view bytes_;            // of the block
  std::uint64_t block_begin_ = 0;     // in the file
  std::uint64_t at_ = 0;              // in the block
  std::uint64_t searched_bytes_ = 0;  // that were summed up in this block, in search
  Found found_ = Found::in_order;
  bool ends_ = false;        // this block is the last one
  bool is_damaged_ = false;  // after the last record, other than by an early end
  bool is_cut_short_ = false;

  std::string record_;  // of fragments
  std::uint64_t record_begin_ = 0;
  std::uint64_t fragment_end_ = 0;  // where the next one has to begin
  Found record_found_ = Found::in_order;
  bool in_record_ = false;

  std::uint64_t good_end_ = 0;  // after the last record that was returned
  std::optional<Piece> after_hole_;
  bool is_done_ = false;
};

}  // namespace sconce::server::storage
