#include "server/observe/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <string>

namespace sconce::server::observe {

namespace {

/// One line stays one line, whatever stands in it.
std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string line;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (value >= 0x20 && value != 0x7f) {
      line += byte;
      continue;
    }
    line += "\\x";
    line += kDigits[value >> 4U];
    line += kDigits[value & 15U];
  }
  return line;
}

}  // namespace

Log::Log() : logger_(std::make_shared<spdlog::logger>("sconce", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger_->flush_on(spdlog::level::info);
}

void Log::info(std::string_view text) { logger_->info("{}", escaped(text)); }
void Log::error(std::string_view text) { logger_->error("{}", escaped(text)); }
void Log::failed(std::string_view doing, const core::Error& error) {
  logger_->error("{}", escaped(std::string(doing) + ": " + core::to_string(error)));
}

}  // namespace sconce::server::observe
