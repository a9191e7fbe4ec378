#include "tests/contract/rocksdb_raw.h"

#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <stdexcept>

#include "server/storage/rocksdb/packs/pack_record.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {

namespace {

void must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace

std::unique_ptr<server::storage::StorageEngine> open_in(const std::filesystem::path& directory) {
  auto opened = server::storage::open_rocksdb_store({.directory = directory, .object_bytes_max = kObjectBytesMax});
  if (!opened) throw std::runtime_error(opened.error().what);
  return std::move(*opened);
}

RawDatabase::RawDatabase(const std::filesystem::path& directory) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, {}},
                                                                 {"meta", {}},
                                                                 {"objects", {}},
                                                                 {"garbage", {}},
                                                                 {"chunks", {}},
                                                                 {"uploads", {}}};
  rocksdb::DB* db = nullptr;
  must(rocksdb::DB::Open({}, directory.string(), families, &handles_, &db));
  db_.reset(db);
}

RawDatabase::~RawDatabase() {
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
}

void RawDatabase::replace_object(const std::string& bytes) {
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[2]));
  each->SeekToFirst();
  if (!each->Valid()) throw std::runtime_error("there is no object");
  must(db_->Put({}, handles_[2], each->key(), bytes));
}

std::size_t RawDatabase::garbage_count() {
  std::size_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[3]));
  for (each->SeekToFirst(); each->Valid(); each->Next()) count += 1;
  must(each->status());
  return count;
}

std::vector<std::string> RawDatabase::tables_of(const std::string& family) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  std::vector<std::string> paths;
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (file.column_family_name == family) paths.push_back(file.db_path + file.name);
  }
  return paths;
}

void RawDatabase::delete_key(const std::string& key) { must(db_->Delete({}, handles_[1], key)); }

void RawDatabase::set_layout(const std::string& version) { must(db_->Put({}, handles_[0], "layout", version)); }

void RawDatabase::set_last_revision(const server::storage::Revision& revision) {
  const rocksdb::Slice value(reinterpret_cast<const char*>(revision.bytes.data()), revision.bytes.size());
  must(db_->Put({}, handles_[0], "last", value));
}

std::string RawDatabase::layout() {
  std::string version;
  must(db_->Get({}, handles_[0], "layout", &version));
  return version;
}

void RawDatabase::forget_uploads() {
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[5]));
  for (each->SeekToFirst(); each->Valid(); each->Next()) must(db_->Delete({}, handles_[5], each->key()));
}

void RawDatabase::forget_pack_counts() {
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[0]));
  for (each->Seek("pack"); each->Valid() && each->key().starts_with("pack"); each->Next()) {
    must(db_->Put({}, handles_[0], each->key(), server::storage::encode_pack({})));
  }
}

void RawDatabase::flush() { must(db_->Flush({}, handles_)); }

void RawDatabase::add_family(const std::string& name) {
  rocksdb::ColumnFamilyHandle* made = nullptr;
  must(db_->CreateColumnFamily({}, name, &made));
  handles_.push_back(made);
}

std::size_t RawDatabase::object_count() {
  std::size_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[2]));
  for (each->SeekToFirst(); each->Valid(); each->Next()) count += 1;
  return count;
}

std::size_t count_objects(const std::filesystem::path& directory) { return RawDatabase(directory).object_count(); }

std::size_t damage_files(const std::filesystem::path& directory, const std::string& extension, std::uint64_t offset) {
  std::size_t damaged = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (file.path().extension() != extension || file.file_size() <= offset) continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    damaged += 1;
  }
  return damaged;
}

namespace {

/// Of a file that goes meanwhile nothing is left.
std::uint64_t bytes_of_those(const std::filesystem::path& directory,
                             const std::function<bool(const std::filesystem::directory_entry&)>& wanted) {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    std::error_code gone;
    const std::uint64_t size = wanted(file) ? file.file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

std::uint64_t bytes_of_files(const std::filesystem::path& directory, const std::string& extension) {
  return bytes_of_those(directory, [&](const auto& file) { return file.path().extension() == extension; });
}

std::uint64_t space_of_files(const std::filesystem::path& directory, const std::string& extension) {
  constexpr std::uint64_t kBlockBytes = 512;  // of st_blocks
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat about{};
    if (file.path().extension() != extension || ::stat(file.path().c_str(), &about) != 0) continue;
    bytes += static_cast<std::uint64_t>(about.st_blocks) * kBlockBytes;
  }
  return bytes;
}

std::uint64_t bytes_in(const std::filesystem::path& directory) {
  return bytes_of_those(directory, [](const auto& file) {
    std::error_code gone;
    return file.is_regular_file(gone) && file.path().filename() != "ballast";
  });
}

}  // namespace sconce::tests
