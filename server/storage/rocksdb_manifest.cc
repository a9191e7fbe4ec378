#include "server/storage/rocksdb_manifest.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace sconce::server::storage {

namespace {

// Source: rocksdb/db/version_edit.h. A tag says which fields follow.
enum Tag : std::uint64_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kCompactPointer = 5,
  kDeletedFile = 6,
  kNewFile = 7,
  kPrevLogNumber = 9,
  kMinLogNumberToKeep = 10,
  kNewFile2 = 100,
  kNewFile3 = 102,
  kNewFile4 = 103,
  kColumnFamily = 200,
  kColumnFamilyAdd = 201,
  kColumnFamilyDrop = 202,
  kMaxColumnFamily = 203,
  kInAtomicGroup = 300,
  kBlobFileAddition = 400,
  kBlobFileGarbage = 401,
};
constexpr std::uint64_t kSafeToIgnore = 1 << 13;  // a string follows
constexpr std::uint64_t kNewFileEnds = 1;
constexpr std::uint64_t kBlobFileEnds = 0;

/// Reads integers of 7 bits a byte, and strings with their size before them. Reads nothing more after an error.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty() || failed_; }
  bool failed() const { return failed_; }

  std::uint64_t integer() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  void integers(int count) {
    for (int i = 0; i < count; ++i) integer();
  }
  void string() {
    const std::uint64_t size = integer();
    if (size > bytes_.size()) failed_ = true;
    else bytes_.remove_prefix(size);
  }
  void strings(int count) {
    for (int i = 0; i < count; ++i) string();
  }
  /// A tag and a string, again and again.
  void strings_until(std::uint64_t last_tag) {
    while (!failed_ && integer() != last_tag) string();
  }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

/// False: the tag is not known.
bool skip(Fields& fields, std::uint64_t tag) {
  switch (tag) {
    case kComparator:
    case kColumnFamilyAdd: fields.string(); return true;
    case kNextFileNumber:
    case kLastSequence:
    case kPrevLogNumber:
    case kMaxColumnFamily:
    case kInAtomicGroup: fields.integer(); return true;
    case kCompactPointer:
      fields.integer();
      fields.string();
      return true;
    case kDeletedFile: fields.integers(2); return true;
    case kNewFile:
      fields.integers(3);
      fields.strings(2);
      return true;
    case kNewFile2:
      fields.integers(3);
      fields.strings(2);
      fields.integers(2);
      return true;
    case kNewFile3:
      fields.integers(4);
      fields.strings(2);
      fields.integers(2);
      return true;
    case kNewFile4:
      fields.integers(3);
      fields.strings(2);
      fields.integers(2);
      fields.strings_until(kNewFileEnds);
      return true;
    case kBlobFileAddition:
      fields.integers(3);
      fields.strings(2);
      fields.strings_until(kBlobFileEnds);
      return true;
    case kBlobFileGarbage:
      fields.integers(3);
      fields.strings_until(kBlobFileEnds);
      return true;
    default:
      if ((tag & kSafeToIgnore) == 0) return false;
      fields.string();
      return true;
  }
}

}  // namespace

core::Status ManifestLogs::add(std::string_view record) {
  Fields fields(record);
  std::uint32_t family = 0;
  std::optional<std::uint64_t> first_log;
  bool is_dropped = false;
  while (!fields.at_end()) {
    const std::uint64_t tag = fields.integer();
    if (tag == kColumnFamily) family = static_cast<std::uint32_t>(fields.integer());
    else if (tag == kColumnFamilyDrop) is_dropped = true;
    else if (tag == kLogNumber) first_log = fields.integer();
    else if (tag == kMinLogNumberToKeep) first_kept_ = std::max(first_kept_, fields.integer());
    else if (!skip(fields, tag)) {
      return core::fail(core::ErrorCode::corrupt, "the field " + std::to_string(tag) + " is not known");
    }
  }
  if (fields.failed()) return core::fail(core::ErrorCode::corrupt, "a field is cut short");
  std::uint64_t& first = first_logs_[family];
  if (first_log) first = std::max(first, *first_log);
  if (is_dropped) first_logs_.erase(family);
  return {};
}

std::uint64_t ManifestLogs::first_log() const {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [family, log] : first_logs_) first = std::min(first, log);
  return first_logs_.empty() ? first_kept_ : std::max(first, first_kept_);
}

}  // namespace sconce::server::storage
