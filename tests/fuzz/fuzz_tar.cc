// Tars, and batches that are sent as one.

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "proto/http/requests/batch.h"
#include "server/api/batch/tar_reader.h"
#include "tests/fuzz/endpoints.h"
#include "tests/fuzz/fuzz.h"

namespace sconce::tests {
namespace {

using server::api::TarEntry;

constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kChecksumOffset = 148;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kSizeOffset = 124;
constexpr std::size_t kSizeBytes = 12;

/// The sum of a header in which eight blanks stand for it. Source: POSIX, pax, ustar interchange format.
void mend_checksum(std::string& tar, std::size_t at) {
  unsigned sum = kChecksumBytes * ' ';
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    const bool of_sum = i >= kChecksumOffset && i < kChecksumOffset + kChecksumBytes;
    if (!of_sum) sum += static_cast<unsigned char>(tar[at + i]);
  }
  for (std::size_t i = 0; i < kChecksumBytes; ++i) tar[at + kChecksumOffset + i] = ' ';
  char* const begin = tar.data() + at + kChecksumOffset;
  std::to_chars(begin, begin + kChecksumBytes - 1, sum, 8);
}

std::size_t claimed_size(const std::string& tar, std::size_t at) {
  std::size_t size = 0;
  const std::string digits = tar.substr(at + kSizeOffset, kSizeBytes);
  std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
  return size;
}

/// Makes the sums of all headers right, so that what else is wrong in them gets to be read.
std::string with_checksums(std::string_view bytes) {
  std::string tar(bytes);
  for (std::size_t at = 0; at + kBlockBytes <= tar.size();) {
    if (std::all_of(tar.begin() + static_cast<std::ptrdiff_t>(at),
                    tar.begin() + static_cast<std::ptrdiff_t>(at + kBlockBytes), [](char byte) { return byte == 0; }))
      break;
    mend_checksum(tar, at);
    const std::size_t size = claimed_size(tar, at);
    if (size > tar.size()) break;
    at += kBlockBytes + (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  }
  return tar;
}

/// The bytes in pieces: up to `split`, then `step` at a time. Each lies in memory of its own.
class Pieces final : public server::api::BodyReader {
 public:
  Pieces(std::string_view bytes, std::size_t split, std::size_t step) : bytes_(bytes), size_(split), step_(step) {}
  core::Result<std::span<const std::byte>> next() override {
    const std::string_view piece = bytes_.substr(0, size_ == 0 ? step_ : size_);
    size_ = step_;
    bytes_.remove_prefix(piece.size());
    piece_.assign(piece.begin(), piece.end());
    return std::as_bytes(std::span(piece_));
  }

 private:
  std::string_view bytes_;
  std::size_t size_;
  const std::size_t step_;
  std::vector<char> piece_;
};

struct ReadEntry {
  std::string name;
  TarEntry::Kind kind = TarEntry::Kind::other;
  std::string bytes;
  friend bool operator==(const ReadEntry&, const ReadEntry&) = default;
};
using Entries = core::Result<std::vector<ReadEntry>>;

core::Result<std::string> read_bytes(server::api::TarReader& reader) {
  std::string bytes;
  while (true) {
    const auto piece = reader.read();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return bytes;
    bytes.append(reinterpret_cast<const char*>(piece->data()), piece->size());
  }
}

Entries read_entries(std::string_view tar, std::size_t split, std::size_t step) {
  Pieces pieces(tar, split, step);
  server::api::TarReader reader(pieces);
  std::vector<ReadEntry> entries;
  while (true) {
    const auto entry = reader.next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) return entries;
    const auto bytes = read_bytes(reader);
    if (!bytes) return std::unexpected(bytes.error());
    const bool is_file = (*entry)->kind == TarEntry::Kind::file;
    require(!is_file || bytes->size() == (*entry)->size_bytes, "a file has as many bytes as it says");
    entries.push_back({(*entry)->name, (*entry)->kind, *bytes});
  }
}

void check_split(const Entries& whole, std::string_view tar, std::size_t split) {
  const Entries pieces = read_entries(tar, split, kBlockBytes + 100);
  require(pieces.has_value() == whole.has_value(),
          "pieces give the same: " +
              (whole ? (pieces ? "" : core::to_string(pieces.error())) : core::to_string(whole.error())));
  require(!whole || *pieces == *whole, "pieces give the same entries");
}

/// Either all of it is stored, or nothing.
void check_commit(const Entries& entries, std::string_view tar, std::size_t split, const std::string& query) {
  Endpoints endpoints;
  const server::RequestHead head{.method = "POST", .path = "/v1/batch/commit", .query = query, .fields = {}};
  const Seen seen = endpoints.exchange(head, tar, split);
  const auto listing = endpoints.store().list({});
  require(listing.has_value(), "the store can be listed");
  if (seen.status != 200) {
    require(listing->entries.empty(), "a batch that is refused stores nothing");
    return;
  }
  require(entries.has_value(), "a batch that was taken can be read");
  std::size_t files = 0;
  for (const ReadEntry& entry : *entries) {
    const bool is_control = proto::is_batch_control(entry.name);
    if (entry.kind == TarEntry::Kind::file && !is_control) files += 1;
  }
  require(listing->entries.size() == files, "a batch that was taken stores each of its files");
}

void fuzz(FuzzInput input) {
  constexpr const char* kQueries[] = {"", "prefix=p/", "format=json", "if_none_match=*"};
  const std::uint8_t choices = input.byte();
  const std::size_t split = input.number();
  const bool mends = (choices & 4U) == 0;
  const std::string tar = mends ? with_checksums(input.rest()) : std::string(input.rest());
  const Entries entries = read_entries(tar, tar.size(), 1);
  check_split(entries, tar, split);
  check_commit(entries, tar, split, kQueries[choices & 3U]);
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
