#pragma once

#include <memory>
#include <string_view>

#include "core/error.h"

namespace spdlog {
class logger;  // NOLINT(readability-identifier-naming): theirs
}

namespace sconce::server::observe {

/// The process's log: lines on standard error. Bytes that came from clients are escaped. Threads: safe from many.
class Log {
 public:
  Log();
  void info(std::string_view text);
  /// What works, but should be mended.
  void warning(std::string_view text);
  void error(std::string_view text);
  /// The full text of a failure, of which clients are only told the code.
  void failed(std::string_view doing, const core::Error& error);

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace sconce::server::observe
