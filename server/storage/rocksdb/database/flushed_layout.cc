#include "server/storage/rocksdb/database/flushed_layout.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>
#include <vector>

#include "server/storage/rocksdb/files/info_log.h"

namespace sconce::server::storage {

namespace {

/// In which there are no logs.
class WithoutLogs final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "SconceWithoutLogs"; }
  rocksdb::IOStatus GetChildren(const std::string& directory, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus listed = FileSystemWrapper::GetChildren(directory, options, names, debug);
    std::erase_if(*names, [](const std::string& name) { return name.ends_with(".log"); });
    return listed;
  }
};

}  // namespace

std::string flushed_layout(rocksdb::Env& env, const std::filesystem::path& directory) {
  const std::unique_ptr<rocksdb::Env> without_logs =
      rocksdb::NewCompositeEnv(std::make_shared<WithoutLogs>(env.GetFileSystem()));
  rocksdb::Options options;
  options.env = without_logs.get();
  options.info_log = rocksdb_log([](const core::Error&) {});
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, directory.string(), &opened).ok()) return {};
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string version;
  return db->Get({}, "layout", &version).ok() ? version : std::string();
}

}  // namespace sconce::server::storage
