#pragma once

#include <memory>
#include <string>

#include "server/storage/store.h"
#include "tests/support/files.h"

namespace sconce::tests {

inline constexpr std::uint64_t kObjectBytesMax = 4 << 20;

/// An upload that holds `bytes`.
std::unique_ptr<server::storage::Upload> upload_of(server::storage::Store& store, std::string_view bytes);

/// A write of one key.
server::storage::Write put_of(server::storage::Store& store, std::string key, std::string_view bytes,
                              server::storage::Condition condition = {});
server::storage::Write delete_of(std::string key, server::storage::Condition condition = {});

/// Commits; the commit itself must not fail.
server::storage::CommitOutcome commit(server::storage::Store& store, server::storage::Write write);

/// What is stored under a key; `(none)` if there is nothing.
std::string content_of(server::storage::Store& store, const std::string& key);
std::string bytes_of(server::storage::RevisionReader& reader, std::uint64_t offset, std::uint64_t size);

/// Bytes none of whose longer parts are alike: `0 1 2 3 …`.
std::string numbered_bytes(std::size_t size);

}  // namespace sconce::tests
