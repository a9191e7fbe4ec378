#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <vector>

#include "core/text/path.h"
#include "core/text/printable.h"
#include "core/torch7/file_kind.h"
#include "proto/formats/arrays/npy.h"
#include "proto/formats/macos_files.h"
#include "proto/formats/npz/npz.h"
#include "proto/formats/npz/utf8_locale.h"
#include "proto/formats/npz/zip_bytes.h"
#include "proto/formats/npz/zip_extent.h"

namespace sconce::proto {

namespace {

using core::Error;
using core::ErrorCode;
using core::Status;
namespace event = core::event;

constexpr std::string_view kSuffix = ".npy";
constexpr std::string_view kPyTorchPickle = "data.pkl";

// libarchive computes the checksum of what it is given at once, and takes only 32 bits of its size.
constexpr std::size_t kPieceBytesMax = std::size_t{1} << 20;

// Of a zip's directory, which libarchive keeps in memory, at a few times its size.
constexpr std::uint64_t kDirectoryBytesMax = std::uint64_t{16} << 20;

// What a zip may become. Deflate makes 1032 bytes of one, and entries may share theirs; arrays that are not all zeros
// stay below it.
constexpr std::uint64_t kExpansionMax = 128;
constexpr std::uint64_t kExpandedBytesFree = std::uint64_t{256} << 20;

// A zip without entries is the end of its directory alone, which libarchive does not take for a zip.
constexpr std::string_view kEmptyZip("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);

struct Free {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

struct Entry {
  std::string name;  // of a .npy file without `.npy`
  bool is_npy;       // by its name
};

/// A zip of .npy files, one entry after the other.
class Zip {
 public:
  explicit Zip(core::ByteSource& source) : source_(source), archive_(archive_read_new()) {
    if (archive_ == nullptr) throw std::bad_alloc();
    archive_read_support_format_zip_seekable(archive_.get());
    archive_read_set_callback_data(archive_.get(), this);
    archive_read_set_read_callback(archive_.get(), &Zip::read_at);
    archive_read_set_skip_callback(archive_.get(), &Zip::skip);
    archive_read_set_seek_callback(archive_.get(), &Zip::seek);
  }
  Zip(const Zip&) = delete;
  Zip& operator=(const Zip&) = delete;

  /// The next entry; nothing at the end.
  core::Result<std::optional<Entry>> next() {
    if (!is_open_ && archive_read_open1(archive_.get()) != ARCHIVE_OK) return std::unexpected(error());
    is_open_ = true;
    archive_entry* entry = nullptr;
    const int read = archive_read_next_header(archive_.get(), &entry);
    if (failure_) return std::unexpected(*failure_);
    has_directory_ = true;
    if (read == ARCHIVE_EOF) return std::nullopt;
    if (read != ARCHIVE_OK) return std::unexpected(error());
    const char* const said = archive_entry_pathname(entry);
    if (said == nullptr) return core::fail(ErrorCode::malformed, "the npz: an entry has no name that is UTF-8");
    const std::string_view name = said;
    if (base_name(name) == kPyTorchPickle) {
      return core::fail(ErrorCode::malformed, "this is " + std::string(core::kPyTorchZip));
    }
    if (archive_entry_filetype(entry) != AE_IFREG || !name.ends_with(kSuffix)) return Entry{std::string(name), false};
    // As libarchive says it: `ZIP 2.0 (deflation)`. Other methods may ask for any amount of memory.
    const std::string_view method = archive_format_name(archive_.get());
    if (!method.ends_with("(uncompressed)") && !method.ends_with("(deflation)")) {
      return wrong(name, "is neither stored nor deflated");
    }
    if (archive_entry_is_encrypted(entry) != 0) return wrong(name, "is encrypted");
    return Entry{std::string(name.substr(0, name.size() - kSuffix.size())), true};
  }

  /// The next bytes of the entry; empty at its end, where its checksum was right.
  core::Result<std::span<const std::byte>> read() {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (size == 0) {
      const int read = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
      if (failure_) return std::unexpected(*failure_);
      if (read == ARCHIVE_EOF) return std::span<const std::byte>();
      if (read != ARCHIVE_OK) return std::unexpected(error());
    }
    return std::span(static_cast<const std::byte*>(bytes), size);
  }

 private:
  /// The next piece. The first header comes after the whole directory.
  static la_ssize_t read_at(archive* reader, void* self, const void** bytes) {
    auto& zip = *static_cast<Zip*>(self);
    const auto piece = zip.source_.read(zip.position_, std::min<std::uint64_t>(kPieceBytesMax, zip.left_bytes()));
    if (!piece) {
      zip.failure_ = piece.error();
      archive_set_error(reader, EIO, "the source fails");
      return ARCHIVE_FATAL;
    }
    *bytes = piece->data();
    zip.position_ += piece->size();
    if (!zip.has_directory_) zip.directory_bytes_ += piece->size();
    if (zip.directory_bytes_ <= kDirectoryBytesMax) return static_cast<la_ssize_t>(piece->size());
    archive_set_error(reader, EFBIG, "the directory is too large");
    return ARCHIVE_FATAL;
  }

  static la_int64_t skip(archive*, void* self, la_int64_t wanted) {
    auto& zip = *static_cast<Zip*>(self);
    const auto skipped = std::min(static_cast<std::uint64_t>(std::max<la_int64_t>(0, wanted)), zip.left_bytes());
    zip.position_ += skipped;
    return static_cast<la_int64_t>(skipped);
  }

  static la_int64_t seek(archive* reader, void* self, la_int64_t offset, int whence) {
    auto& zip = *static_cast<Zip*>(self);
    const auto size = static_cast<la_int64_t>(zip.source_.size_bytes());
    const auto base = whence == SEEK_SET ? 0 : whence == SEEK_END ? size : static_cast<la_int64_t>(zip.position_);
    if (offset < -base || offset > size - base) {
      archive_set_error(reader, EINVAL, "an offset lies outside of the file");
      return ARCHIVE_FATAL;
    }
    zip.position_ = static_cast<std::uint64_t>(base + offset);
    return base + offset;
  }

  std::uint64_t left_bytes() const { return source_.size_bytes() - position_; }

  static std::unexpected<Error> wrong(std::string_view name, const std::string& what) {
    return std::unexpected(Error{.code = ErrorCode::malformed,
                                 .what = "the npz: the entry `" + core::printable(name.substr(0, 64)) + "` " + what});
  }

  Error error() const {
    if (failure_) return *failure_;
    if (directory_bytes_ > kDirectoryBytesMax) {
      return {.code = ErrorCode::limit_exceeded,
              .what = "the npz: its directory is larger than " + std::to_string(kDirectoryBytesMax) + " bytes"};
    }
    const char* const said = archive_error_string(archive_.get());
    return {.code = ErrorCode::malformed,
            .what = std::string("the npz cannot be read: ") + (said == nullptr ? "it is no zip" : said)};
  }

  core::ByteSource& source_;
  const std::unique_ptr<archive, Free> archive_;
  std::uint64_t position_ = 0;
  std::optional<Error> failure_;       // of the source, which libarchive may have taken for something else
  std::uint64_t directory_bytes_ = 0;  // what was read before the first header came
  bool has_directory_ = false;
  bool is_open_ = false;
};

core::Result<bool> is_empty(core::ByteSource& source) {
  if (source.size_bytes() != kEmptyZip.size()) return false;
  ZipBytes zip(source);
  const auto bytes = zip.at(0, kEmptyZip.size());
  if (!bytes) return std::unexpected(bytes.error());
  return *bytes == kEmptyZip;
}

std::unexpected<Error> in_entry(Error error, const std::string& name) {
  if (error.offset) error.what += ", at byte " + std::to_string(*error.offset) + " of its entry";
  error.offset = std::nullopt;
  error.path = "";
  core::append_step(*error.path, name);
  return std::unexpected(std::move(error));
}

/// What the entries of a zip may decompress to, and what of it is left.
struct Allowance {
  const std::uint64_t bytes_max;
  std::uint64_t left_bytes = bytes_max;

  Status take(std::uint64_t bytes) {
    if (bytes > left_bytes) {
      return core::fail(ErrorCode::limit_exceeded,
                        "the npz decompresses to more than " + std::to_string(bytes_max) + " bytes");
    }
    left_bytes -= bytes;
    return {};
  }
};

Status read_entry(Zip& zip, NpyReader& reader, Allowance& allowance) {
  while (true) {
    const auto bytes = zip.read();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return reader.finish();
    if (Status taken = allowance.take(bytes->size()); !taken) return taken;
    if (Status taken = reader.put(*bytes); !taken) return taken;
  }
}

/// Whether an entry that is called so is an array: neither of strings nor what macOS keeps beside a file.
core::Result<bool> is_array(Zip& zip, Allowance& allowance) {
  std::string begin;
  while (begin.size() < kNpyDescrBytes) {
    const auto bytes = zip.read();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) break;
    if (Status taken = allowance.take(bytes->size()); !taken) return std::unexpected(std::move(taken.error()));
    begin.append(reinterpret_cast<const char*>(bytes->data()), std::min(bytes->size(), kNpyDescrBytes));
  }
  return !npy_holds_text(begin) && !is_apple_double(begin);
}

/// Which of the entries are arrays.
struct Listing {
  std::vector<bool> are_arrays;
  std::vector<std::string> names;  // of arrays, sorted
};

core::Result<Listing> list(core::ByteSource& source, Allowance allowance, SkippedEntries& skipped) {
  Zip zip(source);
  Listing listing;
  while (true) {
    auto entry = zip.next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) break;
    auto& [name, is_npy] = **entry;
    if (is_npy) {
      const auto checked = is_array(zip, allowance);
      if (!checked) return in_entry(checked.error(), name);
      if (!*checked) name += kSuffix;
      is_npy = *checked;
    }
    listing.are_arrays.push_back(is_npy);
    if (is_npy) listing.names.push_back(std::move(name));
    else skipped.add(name);
  }
  std::ranges::sort(listing.names);
  return listing;
}

/// The names of the arrays differ, and there are some.
Status check_listing(const Listing& listing) {
  if (listing.names.empty()) {
    return core::fail(ErrorCode::malformed, "the npz: none of its entries is an array of numbers, a .npy file");
  }
  const auto twin = std::ranges::adjacent_find(listing.names);
  if (twin == listing.names.end()) return {};
  return core::fail(ErrorCode::malformed, "the npz: two entries are called `" + core::printable(*twin) + '`');
}

Status read_arrays(core::ByteSource& source, core::EventSink& sink, const std::vector<bool>& are_arrays,
                   Allowance& allowance) {
  Zip zip(source);
  std::int32_t index = 2;
  for (const bool is_array : are_arrays) {
    const auto entry = zip.next();
    if (!entry) return std::unexpected(entry.error());
    if (!is_array) continue;
    const std::string& name = (*entry)->name;
    if (Status taken = emit_string(sink, name); !taken) return taken;
    NpyReader reader(sink, index);
    if (Status read = read_entry(zip, reader, allowance); !read) return in_entry(std::move(read.error()), name);
    index = reader.next_index();
  }
  return sink.on(event::End{});
}

}  // namespace

Status read_npz(core::ByteSource& source, core::EventSink& sink, std::uint64_t elements_bytes_max,
                SkippedEntries* skipped) {
  if (Status checked = check_zip_extent(source); !checked) return checked;
  const auto empty = is_empty(source);
  if (!empty) return std::unexpected(empty.error());
  if (*empty) {
    const Status begun = sink.on(event::Table{.index = 1, .count = 0});
    return begun ? sink.on(event::End{}) : begun;
  }
  const Utf8Locale locale;
  Allowance allowance{std::min(elements_bytes_max, std::max(kExpansionMax * source.size_bytes(), kExpandedBytesFree))};
  SkippedEntries unnamed;
  const auto listing = list(source, allowance, skipped == nullptr ? unnamed : *skipped);
  if (!listing) return std::unexpected(listing.error());
  if (Status checked = check_listing(*listing); !checked) return checked;
  const auto count = static_cast<std::int32_t>(listing->names.size());
  if (Status begun = sink.on(event::Table{.index = 1, .count = count}); !begun) return begun;
  return read_arrays(source, sink, listing->are_arrays, allowance);
}

}  // namespace sconce::proto
