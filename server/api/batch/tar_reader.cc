#include "server/api/batch/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "proto/formats/npz/utf8_locale.h"
#include "server/http/message.h"

namespace sconce::server::api {

namespace {

using core::ErrorCode;

// Two blocks of zeros. Source: POSIX, pax, ustar Interchange Format. A body that was cut may end with one.
constexpr std::int64_t kEndMarkBytes = 1024;

// Of what stands in front of an entry's bytes: names, pax records, maps of holes. libarchive reads a map to its end,
// however long it is, into memory.
constexpr std::size_t kHeaderBytesMax = 4 << 20;

struct Free {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

TarEntry::Kind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return TarEntry::Kind::hard_link;
  if (archive_entry_symlink(entry) != nullptr) return TarEntry::Kind::symbolic_link;
  if (archive_entry_filetype(entry) == AE_IFREG) return TarEntry::Kind::file;
  if (archive_entry_filetype(entry) == AE_IFDIR) return TarEntry::Kind::directory;
  return TarEntry::Kind::other;
}

}  // namespace

class TarReader::Impl {
 public:
  explicit Impl(BodyReader& body) : body_(body), archive_(archive_read_new()) {
    if (archive_ == nullptr) throw std::bad_alloc();
    archive_read_support_format_tar(archive_.get());
  }

  core::Result<std::optional<TarEntry>> next() {
    if (core::Status ready = before_header(); !ready) return std::unexpected(std::move(ready.error()));
    header_bytes_ = 0;
    archive_entry* entry = nullptr;
    const int read = archive_read_next_header(archive_.get(), &entry);
    if (read == ARCHIVE_EOF) {
      if (core::Status ended = check_end(); !ended) return std::unexpected(std::move(ended.error()));
      return std::nullopt;
    }
    header_bytes_.reset();
    if (read != ARCHIVE_OK) return std::unexpected(error());
    const char* const name = archive_entry_pathname(entry);
    if (name == nullptr) return core::fail(ErrorCode::malformed, "the tar: an entry has no name that is UTF-8");
    if (archive_entry_sparse_count(entry) > 0) return holes();
    read_bytes_ = 0;
    size_bytes_ = std::max<la_int64_t>(0, archive_entry_size(entry));
    return TarEntry{.name = name, .kind = kind_of(entry), .size_bytes = static_cast<std::uint64_t>(size_bytes_)};
  }

  core::Result<std::span<const std::byte>> read() {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int read = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
    if (read != ARCHIVE_OK && read != ARCHIVE_EOF) return std::unexpected(error());
    // A hole at the end, or one that libarchive does not list.
    if (read == ARCHIVE_EOF ? read_bytes_ != size_bytes_ : offset != read_bytes_) return holes();
    if (read == ARCHIVE_EOF) return std::span<const std::byte>();
    read_bytes_ += static_cast<la_int64_t>(size);
    return std::span(static_cast<const std::byte*>(bytes), size);
  }

 private:
  static std::unexpected<core::Error> holes() {
    return core::fail(ErrorCode::malformed, "the tar: a file with holes; write it without --sparse");
  }

  /// Opens the archive, or skips to the end of the entry before.
  core::Status before_header() {
    const int done = is_open_ ? archive_read_data_skip(archive_.get())
                              : archive_read_open(archive_.get(), this, nullptr, &Impl::pull, nullptr);
    is_open_ = true;
    if (done != ARCHIVE_OK && done != ARCHIVE_EOF) return std::unexpected(error());
    entry_end_ = consumed_bytes();
    return {};
  }

  /// What libarchive has taken of what it was given.
  std::int64_t consumed_bytes() const { return archive_filter_bytes(archive_.get(), 0); }

  core::Status check_end() {
    const std::int64_t archive_end = consumed_bytes();
    if (archive_end - entry_end_ < kEndMarkBytes) {
      return core::fail(ErrorCode::truncated, "the tar ends without the two blocks of zeros that mark its end");
    }
    while (true) {
      const auto piece = take();
      if (!piece) return std::unexpected(piece.error());
      if (piece->empty()) break;
    }
    if (last_nonzero_end_ <= archive_end) return {};
    return core::fail(ErrorCode::malformed, "there are bytes behind the end of the tar");
  }

  core::Result<std::span<const std::byte>> take() {
    auto piece = body_.next();
    if (!piece) return piece;
    const auto last = std::find_if(piece->rbegin(), piece->rend(), [](std::byte byte) { return byte != std::byte(0); });
    if (last != piece->rend()) last_nonzero_end_ = given_bytes_ + (piece->rend() - last);
    given_bytes_ += static_cast<std::int64_t>(piece->size());
    return piece;
  }

  static la_ssize_t pull(archive* reader, void* self, const void** bytes) {
    auto& impl = *static_cast<Impl*>(self);
    const auto piece = impl.take();
    if (!piece) return impl.fail(reader, piece.error());
    if (impl.header_bytes_) {
      *impl.header_bytes_ += piece->size();
      if (*impl.header_bytes_ > kHeaderBytesMax + kPieceBytesMax) return impl.fail(reader, header_too_large());
    }
    *bytes = piece->data();
    return static_cast<la_ssize_t>(piece->size());
  }

  /// What `pull` returns if there is no more.
  la_ssize_t fail(archive* reader, const core::Error& failure) {
    failure_ = failure;
    archive_set_error(reader, EIO, "the input failed");
    return ARCHIVE_FATAL;
  }

  static core::Error header_too_large() {
    return {.code = ErrorCode::limit_exceeded,
            .what = "the tar: what stands in front of an entry's bytes is larger than " +
                    std::to_string(kHeaderBytesMax) + " bytes"};
  }

  core::Error error() const {
    if (failure_) return *failure_;
    if (archive_format(archive_.get()) == 0) {
      return {.code = ErrorCode::malformed,
              .what = "this is not a tar, or a compressed one; send it as `tar c` writes it"};
    }
    const char* const said = archive_error_string(archive_.get());
    return {.code = ErrorCode::malformed,
            .what = std::string("the tar cannot be read: ") + (said == nullptr ? "it is damaged" : said)};
  }

  const proto::Utf8Locale locale_;
  BodyReader& body_;
  const std::unique_ptr<archive, Free> archive_;
  bool is_open_ = false;
  std::int64_t given_bytes_ = 0;
  std::int64_t last_nonzero_end_ = 0;
  std::int64_t entry_end_ = 0;
  la_int64_t size_bytes_ = 0;                // of the entry, as its header says
  la_int64_t read_bytes_ = 0;                // of it, so far
  std::optional<std::size_t> header_bytes_;  // while a header is read: what was given for it
  std::optional<core::Error> failure_;
};

TarReader::TarReader(BodyReader& body) : impl_(std::make_unique<Impl>(body)) {}
TarReader::~TarReader() = default;

core::Result<std::optional<TarEntry>> TarReader::next() { return impl_->next(); }
core::Result<std::span<const std::byte>> TarReader::read() { return impl_->read(); }

}  // namespace sconce::server::api
