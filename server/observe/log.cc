#include "server/observe/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <string>

#include "core/text/printable.h"

namespace sconce::server::observe {

Log::Log() : logger_(std::make_shared<spdlog::logger>("sconce", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger_->flush_on(spdlog::level::info);
}

void Log::info(std::string_view text) { logger_->info("{}", core::printable(text)); }
void Log::warning(std::string_view text) { logger_->warn("{}", core::printable(text)); }
void Log::error(std::string_view text) { logger_->error("{}", core::printable(text)); }
void Log::failed(std::string_view doing, const core::Error& error) {
  logger_->error("{}", core::printable(std::string(doing) + ": " + core::to_string(error)));
}

}  // namespace sconce::server::observe
