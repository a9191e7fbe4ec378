#include "server/check.h"

#include "server/storage/rocksdb/check.h"

namespace sconce::server {

core::Result<CheckedData> check_data(const std::filesystem::path& directory,
                                     const std::function<void(const std::string&, const core::Error&)>& found) {
  const auto checked = storage::check_rocksdb_store(directory, found);
  if (!checked) return std::unexpected(checked.error());
  return CheckedData{.objects = checked->objects,
                     .bytes = checked->bytes,
                     .damages = checked->damages,
                     .unwritten_bytes = checked->unwritten_bytes};
}

}  // namespace sconce::server
