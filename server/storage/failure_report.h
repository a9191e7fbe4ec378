#pragma once

#include <exception>
#include <functional>

#include "core/error.h"

namespace sconce::server::storage {

/// Receives what fails in the background. Threads: called from any.
using Report = std::function<void(const core::Error&)>;

/// Calls `report`, unless there is no memory for that.
void report_to(const Report& report, const core::Error& error) noexcept;

/// What was thrown, out of memory above all, as an error like others.
core::Error error_of(const std::exception& thrown) noexcept;

}  // namespace sconce::server::storage
