#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::server::storage {

/// Makes the directory of a store, with its parents, all on the disk when it returns: a new one with mode 0700. One
/// that is there is only taken if it is empty (but for `lost+found`), a store's, or what a start that was cut short
/// left. `tell` hears of one that others than its owner may enter. Threads: no state. Errors: io_error, with what was
/// found and what to do; as core::sync_directory.
core::Status prepare_data_directory(const std::filesystem::path& directory,
                                    const std::function<void(const std::string&)>& tell);

/// Whether a file in `uploads` was made by a store: `<32 hexadecimal digits>-<n>.sst` or `spare-<n>`. Nothing else is
/// ever removed there.
bool is_name_of_upload(std::string_view name);

}  // namespace sconce::server::storage
