#include "server/storage/failure_report.h"

#include <new>
#include <string>

namespace sconce::server::storage {

void report_to(const Report& report, const core::Error& error) noexcept {
  try {
    report(error);
  } catch (const std::bad_alloc&) {  // what failed has been handled; only its line in the log is missing
  }
}

core::Error error_of(const std::exception& thrown) noexcept {
  core::Error error{.code = core::ErrorCode::io_error, .what = "out of memory"};  // so short that it needs none
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr) return error;
  try {
    error.what = std::string("an exception: ") + thrown.what();
  } catch (const std::bad_alloc&) {  // then that is what it says
  }
  return error;
}

}  // namespace sconce::server::storage
