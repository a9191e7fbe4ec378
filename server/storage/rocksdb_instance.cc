#include "server/storage/rocksdb_instance.h"

#include <rocksdb/listener.h>

#include "server/storage/rocksdb_options.h"
#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

class FailureListener final : public rocksdb::EventListener {
 public:
  explicit FailureListener(std::shared_ptr<RocksdbFailure> failure) : failure_(std::move(failure)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    if (!error->IsNoSpace()) failure_->only_no_space = false;
    failure_->happened = true;
  }
  /// RocksDB 7.8.3 counts itself as stopped for ever after it has recovered, and then ends the process when files are
  /// taken in.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }

 private:
  const std::shared_ptr<RocksdbFailure> failure_;
};

// What is written of all families together, by what is of one: only where many records come are there others than of
// objects.
constexpr std::uint64_t kWriteBuffersOfAll = 3;

std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const RocksdbInstance::Surroundings& surroundings) {
  const ReadCache& cache = surroundings.cache;
  const rocksdb::ColumnFamilyOptions records = record_options(cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, records},
                                                           {"meta", records},
                                                           {"objects", object_options(cache)},
                                                           {"garbage", records},
                                                           {"chunks", chunk_options(cache)},
                                                           {"uploads", records}};
  for (auto& family : families) family.options.write_buffer_size = surroundings.write_buffer_bytes;
  return families;
}

core::Error open_error(const rocksdb::Status& status, const std::filesystem::path& directory) {
  core::Error error = error_from(status, "cannot open `" + directory.string() + "`");
  // RocksDB has no code of its own for a lock that is held.
  if (status.IsIOError() && error.what.find("/LOCK: ") != std::string::npos) {
    error.what += "; is it in use by another process?";
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<RocksdbInstance>> RocksdbInstance::open(const std::filesystem::path& directory,
                                                               const Surroundings& surroundings, Mode mode) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = families_of(surroundings);
  std::unique_ptr<RocksdbInstance> instance(new RocksdbInstance);
  instance->failure = std::make_shared<RocksdbFailure>();
  rocksdb::DBOptions options = database_options();
  options.db_write_buffer_size = kWriteBuffersOfAll * surroundings.write_buffer_bytes;
  options.env = &surroundings.env;
  options.info_log = surroundings.log;
  options.listeners.push_back(std::make_shared<FailureListener>(instance->failure));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      mode == Mode::read_only ? rocksdb::DB::OpenForReadOnly(options, directory.string(), families, &handles, &db)
                              : rocksdb::DB::Open(options, directory.string(), families, &handles, &db);
  if (!opened.ok()) return std::unexpected(open_error(opened, directory));
  instance->db.reset(db);
  instance->general = handles[0];
  instance->meta = handles[1];
  instance->objects = handles[2];
  instance->garbage = handles[3];
  instance->chunks = handles[4];
  instance->uploads = handles[5];
  return instance;
}

RocksdbInstance::~RocksdbInstance() {
  for (rocksdb::ColumnFamilyHandle* family : {general, meta, objects, garbage, chunks, uploads}) {
    if (family != nullptr) db->DestroyColumnFamilyHandle(family);
  }
}

}  // namespace sconce::server::storage
