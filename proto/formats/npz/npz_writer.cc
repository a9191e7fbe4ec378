#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <new>
#include <optional>
#include <unordered_set>

#include "core/text/printable.h"
#include "core/text/utf8.h"
#include "proto/formats/npz/npz.h"
#include "proto/formats/npz/utf8_locale.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::Status;

constexpr std::string_view kSuffix = ".npy";
// libarchive computes the checksum of what it is given at once, and takes only 32 bits of its size.
constexpr std::size_t kPieceBytesMax = std::size_t{1} << 30;
constexpr std::size_t kNameBytesMax = 0xffff;  // a length of two bytes

struct FreeArchive {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

bool is_name(std::string_view name) {
  if (name.size() + kSuffix.size() > kNameBytesMax || name.find('\0') != std::string_view::npos) return false;
  while (!name.empty()) {
    const std::size_t size = core::utf8_sequence_bytes(name);
    if (size == 0) return false;
    name.remove_prefix(size);
  }
  return true;
}

/// Whether a program that unpacks it may write elsewhere.
bool leads_out(std::string_view name) {
  if (name.starts_with('/')) return true;
  while (true) {
    const std::size_t end = name.find('/');
    if (name.substr(0, end) == "..") return true;
    if (end == std::string_view::npos) return false;
    name.remove_prefix(end + 1);
  }
}

std::string shown(std::string_view name) { return '`' + core::printable(name.substr(0, 64)) + '`'; }

}  // namespace

class NpzWriter::Impl {
 public:
  explicit Impl(core::ByteSink& out) : out_(out), archive_(archive_write_new()) {
    if (archive_ == nullptr) throw std::bad_alloc();
    archive_write_set_format_zip(archive_.get());
    archive_write_zip_set_compression_store(archive_.get());
    archive_write_set_bytes_per_block(archive_.get(), 0);  // everything goes on at once, without a copy
    opened_ = archive_write_open(archive_.get(), this, nullptr, &Impl::push, nullptr);
  }

  ~Impl() { is_over_ = true; }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status begin(std::string_view name, std::uint64_t size_bytes) {
    if (Status complete = check_complete(); !complete) return complete;
    if (!is_name(name)) {
      return core::fail(ErrorCode::unrepresentable, "no entry of a zip can have the name " + shown(name));
    }
    if (name.contains('\\')) {
      return core::fail(ErrorCode::unrepresentable,
                        "an entry of a zip with the name " + shown(name) +
                            " would come back with a slash for the backslash; take another format, or rename it");
    }
    if (leads_out(name)) {
      return core::fail(ErrorCode::unrepresentable,
                        "an entry of a zip with the name " + shown(name) +
                            " would be unpacked outside of its folder; take another format, or rename it");
    }
    if (!names_.emplace(name).second) {
      return core::fail(ErrorCode::unrepresentable, "two arrays would be called " + shown(name));
    }
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    if (entry == nullptr) throw std::bad_alloc();
    const Utf8Locale locale;
    archive_entry_set_pathname(entry.get(), std::string(name).append(kSuffix).c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size_bytes));
    left_bytes_ = size_bytes;
    return done(archive_write_header(archive_.get(), entry.get()) == ARCHIVE_OK);
  }

  Status write(std::span<const std::byte> bytes) {
    if (bytes.size() > left_bytes_) return core::fail(ErrorCode::invalid_argument, "an entry gets too many bytes");
    left_bytes_ -= bytes.size();
    while (!bytes.empty()) {
      const la_ssize_t written =
          archive_write_data(archive_.get(), bytes.data(), std::min(bytes.size(), kPieceBytesMax));
      if (Status wrote = done(written > 0); !wrote) return wrote;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status finish() {
    if (Status complete = check_complete(); !complete) return complete;
    const Utf8Locale locale;
    return done(archive_write_close(archive_.get()) == ARCHIVE_OK);
  }

 private:
  Status check_complete() const {
    if (left_bytes_ == 0) return {};
    return core::fail(ErrorCode::invalid_argument, "an entry lacks " + std::to_string(left_bytes_) + " bytes");
  }

  Status done(bool is_done) const {
    if (failure_) return std::unexpected(*failure_);
    if (is_done && opened_ == ARCHIVE_OK) return {};
    const char* const said = archive_error_string(archive_.get());
    return core::fail(ErrorCode::io_error,
                      std::string("the zip cannot be written: ") + (said == nullptr ? "libarchive refuses" : said));
  }

  /// Libarchive never hears of a failure: it would free less then. What it writes afterwards goes nowhere, as does the
  /// directory that it writes when it is freed before the end.
  static la_ssize_t push(archive*, void* self, const void* bytes, std::size_t size) {
    auto& impl = *static_cast<Impl*>(self);
    if (!impl.failure_ && !impl.is_over_) {
      const Status written = impl.out_.write({static_cast<const std::byte*>(bytes), size});
      if (!written) impl.failure_ = written.error();
    }
    return static_cast<la_ssize_t>(size);
  }

  core::ByteSink& out_;
  int opened_ = ARCHIVE_OK;
  std::unordered_set<std::string> names_;
  std::uint64_t left_bytes_ = 0;
  std::optional<core::Error> failure_;
  bool is_over_ = false;
  const std::unique_ptr<archive, FreeArchive> archive_;  // goes first, and calls `push`
};

NpzWriter::NpzWriter(core::ByteSink& out) : impl_(std::make_unique<Impl>(out)) {}
NpzWriter::NpzWriter(NpzWriter&&) noexcept = default;
NpzWriter::~NpzWriter() = default;

Status NpzWriter::begin(std::string_view name, std::uint64_t size_bytes) { return impl_->begin(name, size_bytes); }
Status NpzWriter::write(std::span<const std::byte> bytes) { return impl_->write(bytes); }
Status NpzWriter::finish() { return impl_->finish(); }

}  // namespace sconce::proto
