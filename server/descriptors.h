#pragma once

#include <cstddef>
#include <cstdint>

#include "core/error.h"

namespace sconce::server {

/// What the descriptors of the process are for. Together they are no more than there are.
struct Descriptors {
  std::size_t connections_max = 0;
  int tables_open_max = 0;           ///< Of the store.
  std::size_t uploads_open_max = 0;  ///< Files that are being uploaded, and temporary ones.
};

struct DescriptorNeeds {
  std::uint64_t granted = 0;
  std::size_t connections_wanted = 0;  ///< 0: as many as there are descriptors for, 16,384 at most.
  unsigned threads = 0;                ///< Each may have a file open besides.
};

/// Threads: no state. Errors: invalid_argument, if there are too few for the connections that are wanted, or for any.
core::Result<Descriptors> share_out_descriptors(const DescriptorNeeds& needs);

}  // namespace sconce::server
