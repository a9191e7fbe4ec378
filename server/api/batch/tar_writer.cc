#include "server/api/batch/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <new>
#include <stdexcept>

namespace sconce::server::api {

namespace {

struct FreeArchive {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

constexpr mode_t kReadable = 0644;

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

class TarWriter::Impl {
 public:
  explicit Impl(std::string& out) : archive_(archive_write_new()), entry_(archive_entry_new()) {
    if (archive_ == nullptr || entry_ == nullptr) throw std::bad_alloc();
    must(archive_write_set_format_gnutar(archive_.get()));
    must(archive_write_set_bytes_per_block(archive_.get(), 0));  // what it is given, it passes on
    must(archive_write_open(archive_.get(), &out, nullptr, append, nullptr));
  }

  void begin(std::string_view name, std::uint64_t size_bytes, std::chrono::system_clock::time_point modified) {
    archive_entry_clear(entry_.get());
    archive_entry_set_pathname(entry_.get(), std::string(name).c_str());  // its bytes, which no locale changes
    archive_entry_set_filetype(entry_.get(), AE_IFREG);
    archive_entry_set_perm(entry_.get(), kReadable);
    archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(size_bytes));
    archive_entry_set_mtime(entry_.get(), std::chrono::system_clock::to_time_t(modified), 0);
    must(archive_write_header(archive_.get(), entry_.get()));
  }

  void write(std::span<const std::byte> bytes) {
    if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()))
      must(ARCHIVE_FATAL);
  }

  void finish() { must(archive_write_close(archive_.get())); }

 private:
  /// Writing to memory fails only where there is none left.
  void must(int status) const {
    if (status >= ARCHIVE_WARN) return;
    const char* const what = archive_error_string(archive_.get());
    throw std::runtime_error(std::string("writing a tar: ") + (what == nullptr ? "it failed" : what));
  }

  std::unique_ptr<archive, FreeArchive> archive_;
  std::unique_ptr<archive_entry, FreeEntry> entry_;
};

TarWriter::TarWriter(std::string& out) : impl_(std::make_unique<Impl>(out)) {}
TarWriter::~TarWriter() = default;

void TarWriter::begin(std::string_view name, std::uint64_t size_bytes, std::chrono::system_clock::time_point modified) {
  impl_->begin(name, size_bytes, modified);
}
void TarWriter::write(std::span<const std::byte> bytes) { impl_->write(bytes); }
void TarWriter::finish() { impl_->finish(); }

}  // namespace sconce::server::api
