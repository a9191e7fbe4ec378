#include "server/storage/content_hasher.h"

#include <cstring>
#include <new>

#include "server/storage/xxhash.h"

namespace sconce::server::storage {

namespace {

ContentHash canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  ContentHash result;
  std::memcpy(result.bytes.data(), bytes.digest, result.bytes.size());
  return result;
}

}  // namespace

void ContentHasher::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

ContentHasher::ContentHasher() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void ContentHasher::update(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

ContentHash ContentHasher::digest() const { return canonical(XXH3_128bits_digest(state_.get())); }

ContentHash hash_of(std::span<const std::byte> bytes) { return canonical(XXH3_128bits(bytes.data(), bytes.size())); }

}  // namespace sconce::server::storage
