#include "server/storage/rocksdb/log/synced_file.h"

#include <array>

#include "core/little_endian.h"
#include "server/storage/rocksdb/files/status.h"
#include "server/storage/xxhash.h"

namespace sconce::server::storage {

namespace {

constexpr std::size_t kFileBytes = 512;
constexpr std::size_t kSumBytes = 8;
constexpr std::size_t kSealBytesMin = 57;

std::string path_in(const std::filesystem::path& directory) { return directory / "SYNCED"; }

std::string sum_of(std::string_view bytes) {
  std::string sum;
  core::append_little_endian<std::uint64_t>(sum, XXH3_64bits(bytes.data(), bytes.size()));
  return sum;
}

std::string encode(const SyncedFile::Content& content) {
  std::string bytes = encode_seal({.salt = content.salt, .batch_bytes = 0, .batch_hash = 0, .synced = content.synced});
  bytes.resize(kFileBytes - kSumBytes, '\0');
  return sum_of(bytes) + bytes;
}

std::optional<SyncedFile::Content> decode(std::string_view bytes) {
  if (bytes.size() != kFileBytes || sum_of(bytes.substr(kSumBytes)) != bytes.substr(0, kSumBytes)) return std::nullopt;
  bytes.remove_prefix(kSumBytes);
  const std::size_t seal_bytes = kSealBytesMin + 16 * std::size_t{static_cast<unsigned char>(bytes[kSealBytesMin - 1])};
  const std::optional<BatchSeal> seal = decode_seal(bytes.substr(0, seal_bytes));
  if (!seal) return std::nullopt;
  return SyncedFile::Content{.salt = seal->salt, .synced = seal->synced};
}

/// Whole or not at all.
rocksdb::IOStatus create(rocksdb::FileSystem& files, const std::string& path, const std::string& bytes) {
  const std::string temporary = path + ".dbtmp";
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files.NewWritableFile(temporary, {}, &file, nullptr);
  if (status.ok()) status = file->Append(bytes, {}, nullptr);
  if (status.ok()) status = file->Sync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  return status.ok() ? files.RenameFile(temporary, path, {}, nullptr) : status;
}

rocksdb::IOStatus sync_directory(rocksdb::FileSystem& files, const std::filesystem::path& path) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  const rocksdb::IOStatus opened = files.NewDirectory(path, {}, &directory, nullptr);
  return opened.ok() ? directory->FsyncWithDirOptions({}, nullptr, {}) : opened;
}

}  // namespace

Result<std::optional<SyncedFile::Content>> SyncedFile::read(rocksdb::FileSystem& files,
                                                            const std::filesystem::path& directory) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  rocksdb::IOStatus status = files.NewSequentialFile(path_in(directory), {}, &file, nullptr);
  if (status.IsNotFound() || status.IsPathNotFound()) return std::nullopt;
  std::array<char, kFileBytes> buffer;
  rocksdb::Slice bytes;
  if (status.ok()) status = file->Read(buffer.size(), {}, &bytes, buffer.data(), nullptr);
  if (status.ok()) return decode(bytes.ToStringView());
  return std::unexpected(error_from(status, "cannot read `" + path_in(directory) + "`"));
}

Result<std::unique_ptr<SyncedFile>> SyncedFile::open(rocksdb::FileSystem& files, const std::filesystem::path& directory,
                                                     const Content& content) {
  const auto present = read(files, directory);
  if (!present) return std::unexpected(present.error());
  const std::string path = path_in(directory);
  rocksdb::IOStatus status;
  if (!*present) {
    status = create(files, path, encode(content));
    if (status.ok()) status = storage::sync_directory(files, directory);
  }
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  if (status.ok()) status = files.NewRandomRWFile(path, {}, &file, nullptr);
  if (status.ok() && *present) {
    status = file->Write(0, encode(content), {}, nullptr);
    if (status.ok()) status = file->Sync({}, nullptr);
  }
  if (!status.ok()) return std::unexpected(error_from(status, "cannot write `" + path + "`"));
  return std::unique_ptr<SyncedFile>(new SyncedFile(std::move(file)));
}

SyncedFile::~SyncedFile() {
  if (file_ != nullptr) file_->Sync({}, nullptr).PermitUncheckedError();
}

void SyncedFile::write(const Content& content) {
  if (file_ == nullptr || file_->Write(0, encode(content), {}, nullptr).ok()) return;
  file_.reset();
}

}  // namespace sconce::server::storage
