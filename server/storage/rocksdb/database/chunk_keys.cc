#include "server/storage/rocksdb/database/chunk_keys.h"

#include "server/storage/rocksdb/database/slice.h"

namespace sconce::server::storage {

std::string chunk_key(const Revision& upload, std::uint64_t number) {
  std::string key = front_key(upload);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(number >> static_cast<unsigned>(shift));
  return key;
}

std::string front_key(const Revision& upload) { return slice_of(upload).ToString(); }

}  // namespace sconce::server::storage
