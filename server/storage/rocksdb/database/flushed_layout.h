#pragma once

#include <filesystem>
#include <string>

namespace rocksdb {
class Env;
}

namespace sconce::server::storage {

/// The version of the layout that the files of the database in `directory` have, its log left out, which may have a
/// later one (LogProof). Empty if they have none, or cannot be read. Writes nothing, and does not read the log, which
/// may be long. Threads: no state.
std::string flushed_layout(rocksdb::Env& env, const std::filesystem::path& directory);

}  // namespace sconce::server::storage
