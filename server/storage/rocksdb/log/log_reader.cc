#include "server/storage/rocksdb/log/log_reader.h"

#include <algorithm>
#include <utility>

#include "server/storage/rocksdb/log/crc32c.h"

namespace sconce::server::storage {

namespace {

constexpr std::uint32_t kMaskDelta = 0xa282ead8;
// Of one block, in search of a record: bytes that look like many headers would cost a checksum each.
constexpr std::uint64_t kSearchedBytesMax = 16 << 20;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15U) | (crc << 17U)) + kMaskDelta; }

std::uint32_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

/// Where the next fragment is written after one that ended here.
std::uint64_t next_begin(std::uint64_t end) {
  const std::uint64_t left = kLogBlockBytes - end % kLogBlockBytes;
  return left < kLogHeaderBytes ? end + left : end;
}

}  // namespace

std::string log_header(LogFragment type, std::string_view data) {
  const char type_byte = static_cast<char>(type);
  const std::uint32_t crc = masked(crc32c(bytes_of(data), crc32c(bytes_of({&type_byte, 1}))));
  std::string header;
  for (unsigned shift = 0; shift < 32; shift += 8) header += static_cast<char>(crc >> shift);
  header += static_cast<char>(data.size());
  header += static_cast<char>(data.size() >> 8U);
  return header + type_byte;
}

LogReader::LogReader(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string name, Accept accept)
    : file_(std::move(file)), name_(std::move(name)), accept_(std::move(accept)), block_(kLogBlockBytes) {}

core::Result<std::optional<LogReader::Piece>> LogReader::next() {
  if (after_hole_) return std::exchange(after_hole_, std::nullopt);
  if (is_done_) return std::nullopt;
  core::Result<std::optional<Piece>> found = next_record();
  if (!found) return found;
  const std::uint64_t begin = next_begin(good_end_);
  if (!*found) {
    is_done_ = true;
    const std::uint64_t end = block_begin_ + bytes_.size();
    if (end <= good_end_) return std::nullopt;
    return Piece{.kind = Kind::hole, .begin = good_end_, .end = end, .record = {}, .is_cut_short = is_cut_short_};
  }
  good_end_ = (*found)->end;
  if ((*found)->begin == begin) return found;
  after_hole_ = *found;
  return Piece{.kind = Kind::hole, .begin = begin, .end = (*found)->begin, .record = {}, .is_cut_short = false};
}

/// The next record that is accepted; nothing at the end of the file.
core::Result<std::optional<LogReader::Piece>> LogReader::next_record() {
  in_record_ = false;
  while (true) {
    const auto next = next_fragment();
    if (!next) return std::unexpected(next.error());
    if (!*next) return std::nullopt;
    const Fragment& fragment = **next;
    if (!add(fragment)) {
      is_damaged_ = true;
      continue;
    }
    fragment_end_ = next_begin(fragment.end);
    if (fragment.type == LogFragment::first || fragment.type == LogFragment::middle) continue;
    in_record_ = false;
    const std::string_view record = fragment.type == LogFragment::whole ? fragment.data : std::string_view(record_);
    if (accept_(record, record_begin_, record_found_)) {
      found_ = Found::in_order;
      is_damaged_ = is_cut_short_ = false;
      return Piece{.begin = record_begin_, .end = fragment.end, .record = record};
    }
    is_damaged_ = true;
    if (fragment.type == LogFragment::whole && record_found_ == Found::by_search) {
      at_ = fragment.begin + 1 - block_begin_;  // it may have hidden one
    }
  }
}

/// Adds the fragment to the record that it belongs to. False: it belongs to none.
bool LogReader::add(const Fragment& fragment) {
  const bool begins = fragment.type == LogFragment::whole || fragment.type == LogFragment::first;
  if (begins) {
    in_record_ = true;
    record_begin_ = fragment.begin;
    record_found_ = fragment.found;
    record_.clear();
  } else if (!in_record_ || fragment.begin != fragment_end_) {
    in_record_ = false;
    return false;
  }
  if (fragment.type != LogFragment::whole) record_ += fragment.data;
  return true;
}

core::Result<std::optional<LogReader::Fragment>> LogReader::next_fragment() {
  while (true) {
    while (block_is_done()) {
      if (ends_) {
        if (!is_damaged_) is_cut_short_ = true;
        return std::nullopt;
      }
      if (core::Status loaded = load_block(); !loaded) return std::unexpected(std::move(loaded.error()));
    }
    if (std::optional<Fragment> fragment = fragment_here()) {
      at_ = fragment->end - block_begin_;
      return fragment;
    }
    found_ = Found::by_search;
    in_record_ = false;
    is_damaged_ = true;
    at_ += 1;
  }
}

bool LogReader::block_is_done() const {
  if (at_ + kLogHeaderBytes > bytes_.size()) return true;
  return searched_bytes_ > kSearchedBytesMax;
}

core::Status LogReader::load_block() {
  block_begin_ += bytes_.size();
  at_ = searched_bytes_ = 0;
  found_ = Found::in_order;
  std::size_t size = 0;
  bytes_ = {};
  while (size < block_.size()) {
    rocksdb::Slice read;
    const rocksdb::IOStatus status = file_->Read(block_.size() - size, {}, &read, block_.data() + size, nullptr);
    if (!status.ok()) {
      return core::fail(core::ErrorCode::io_error, "cannot read `" + name_ + "`: " + status.ToString());
    }
    if (read.empty()) break;
    if (read.data() != block_.data() + size) std::copy_n(read.data(), read.size(), block_.data() + size);
    size += read.size();
  }
  ends_ = size < block_.size();
  bytes_ = {block_.data(), size};
  return {};
}

/// The fragment that begins here, if one does.
std::optional<LogReader::Fragment> LogReader::fragment_here() {
  const std::uint32_t type = byte_at(bytes_, at_ + 6);
  if (type < 1 || type > 4) return std::nullopt;
  const std::uint64_t size = byte_at(bytes_, at_ + 4) | byte_at(bytes_, at_ + 5) << 8U;
  const std::uint64_t end = at_ + kLogHeaderBytes + size;
  if (end > bytes_.size()) {
    if (!is_damaged_ && ends_ && end <= kLogBlockBytes) is_cut_short_ = true;
    return std::nullopt;
  }
  const auto kind = static_cast<LogFragment>(type);
  // One that goes on fills its block.
  const bool goes_on = kind == LogFragment::first || kind == LogFragment::middle;
  if (goes_on && end != kLogBlockBytes) return std::nullopt;
  const std::string_view data = bytes_.substr(at_ + kLogHeaderBytes, size);
  if (found_ == Found::by_search) searched_bytes_ += size;
  if (log_header(kind, data) != bytes_.substr(at_, kLogHeaderBytes)) return std::nullopt;
  return Fragment{.begin = block_begin_ + at_, .end = block_begin_ + end, .type = kind, .data = data, .found = found_};
}

}  // namespace sconce::server::storage
