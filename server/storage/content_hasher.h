#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "server/storage/store.h"

struct XXH3_state_s;

namespace sconce::server::storage {

/// XXH3-128 of bytes that come in pieces. Threads: one at a time.
class ContentHasher {
 public:
  ContentHasher();
  void update(std::span<const std::byte> bytes);
  ContentHash digest() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

ContentHash hash_of(std::span<const std::byte> bytes);

}  // namespace sconce::server::storage
