#pragma once

#include <exception>
#include <functional>

#include "core/error.h"

namespace sconce::server::storage {

/// Told what fails in the background.
using Report = std::function<void(const core::Error&)>;

/// Tells, unless there is no memory to tell with.
void report_to(const Report& report, const core::Error& error) noexcept;

/// What was thrown, out of memory above all, as an error like others.
core::Error error_of(const std::exception& thrown) noexcept;

}  // namespace sconce::server::storage
