#include "server/storage/rocksdb/log/manifest.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace sconce::server::storage {

namespace {

// Source: rocksdb/db/version_edit.h. A tag says which fields follow.
// NOLINTBEGIN(readability-identifier-naming): RocksDB's names
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
// NOLINTEND(readability-identifier-naming)
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
  std::string_view string() {
    const std::uint64_t size = integer();
    if (size > bytes_.size()) failed_ = true;
    if (failed_) return {};
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
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

}  // namespace

/// One record.
struct ManifestContent::Edit {
  std::uint32_t family = 0;
  std::optional<std::uint64_t> first_log;
  std::optional<std::string_view> added_family;
  bool drops_family = false;
  std::vector<Table> added;
  std::vector<std::uint64_t> removed;

  void take_new_file(Fields& fields, std::uint64_t tag);
  bool take(Fields& fields, std::uint64_t tag);
};

void ManifestContent::Edit::take_new_file(Fields& fields, std::uint64_t tag) {
  Table table;
  table.level = fields.integer();
  table.number = fields.integer();
  if (tag == kNewFile3) fields.integer();
  table.size_bytes = fields.integer();
  fields.strings(2);
  if (tag != kNewFile) {
    fields.integer();
    table.last_sequence = fields.integer();
  }
  if (tag == kNewFile4) fields.strings_until(kNewFileEnds);
  added.push_back(table);
}

/// False: the tag is not known.
bool ManifestContent::Edit::take(Fields& fields, std::uint64_t tag) {
  switch (tag) {
    case kColumnFamily: family = static_cast<std::uint32_t>(fields.integer()); return true;
    case kColumnFamilyAdd: added_family = fields.string(); return true;
    case kColumnFamilyDrop: drops_family = true; return true;
    case kLogNumber: first_log = fields.integer(); return true;
    case kComparator: fields.string(); return true;
    case kNextFileNumber:
    case kLastSequence:
    case kPrevLogNumber:
    case kMaxColumnFamily:
    case kInAtomicGroup: fields.integer(); return true;
    case kCompactPointer:
      fields.integer();
      fields.string();
      return true;
    case kDeletedFile:
      fields.integer();
      removed.push_back(fields.integer());
      return true;
    case kNewFile:
    case kNewFile2:
    case kNewFile3:
    case kNewFile4: take_new_file(fields, tag); return true;
    case kBlobFileAddition:
      fields.integers(3);
      fields.strings(2);
      fields.strings_until(kBlobFileEnds);
      return true;
    case kBlobFileGarbage:
      fields.integers(3);
      fields.strings_until(kBlobFileEnds);
      return true;
    default: break;
  }
  if ((tag & kSafeToIgnore) == 0) return false;
  fields.string();
  return true;
}

core::Status ManifestContent::add(std::string_view record, std::uint64_t record_begin) {
  Fields fields(record);
  Edit edit;
  while (!fields.at_end()) {
    const std::uint64_t tag = fields.integer();
    if (tag == kMinLogNumberToKeep) first_kept_ = std::max(first_kept_, fields.integer());
    else if (!edit.take(fields, tag)) {
      return core::fail(core::ErrorCode::corrupt, "the field " + std::to_string(tag) + " is not known");
    }
  }
  if (fields.failed()) return core::fail(core::ErrorCode::corrupt, "a field is cut short");
  apply(edit, record_begin);
  return {};
}

void ManifestContent::apply(const Edit& edit, std::uint64_t record_begin) {
  std::uint64_t& first = first_logs_[edit.family];
  if (edit.first_log) first = std::max(first, *edit.first_log);
  if (edit.drops_family) {
    first_logs_.erase(edit.family);
    std::erase_if(tables_, [&](const auto& row) { return row.second.family == edit.family; });
  }
  if (edit.added_family && *edit.added_family == tables_of_) tables_family_ = edit.family;
  for (const std::uint64_t number : edit.removed) tables_.erase(number);
  for (Table table : edit.added) {
    table.family = edit.family;
    table.record_begin = record_begin;
    tables_[table.number] = table;
    if (tables_family_ == 0 || edit.family != tables_family_) {
      flushed_sequence_ = std::max(flushed_sequence_, table.last_sequence);
    }
  }
}

std::uint64_t ManifestContent::first_log() const {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [family, log] : first_logs_) first = std::min(first, log);
  return first_logs_.empty() ? first_kept_ : std::max(first, first_kept_);
}

std::uint64_t ManifestContent::first_unflushed_log() const {
  std::uint64_t first = first_kept_;
  for (const auto& [family, log] : first_logs_) {
    if (tables_family_ == 0 || family != tables_family_) first = std::max(first, log);
  }
  return first;
}

std::vector<ManifestContent::Table> ManifestContent::tables() const {
  std::vector<Table> tables;
  for (const auto& [number, table] : tables_) {
    if (tables_family_ != 0 && table.family == tables_family_) tables.push_back(table);
  }
  return tables;
}

std::string ManifestContent::without(const Table& table) const {
  std::string record;
  for (std::uint64_t value : {std::uint64_t{kDeletedFile}, table.level, table.number, std::uint64_t{kColumnFamily},
                              std::uint64_t{tables_family_}}) {
    for (; value >= 0x80; value >>= 7U) record += static_cast<char>((value & 0x7fU) | 0x80U);
    record += static_cast<char>(value);
  }
  return record;
}

}  // namespace sconce::server::storage
