#include "server/storage/rocksdb/files/info_log.h"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace sconce::server::storage {

namespace {

class ErrorLog final : public rocksdb::Logger {
 public:
  explicit ErrorLog(std::function<void(const core::Error&)> report)
      : Logger(rocksdb::InfoLogLevel::ERROR_LEVEL), report_(std::move(report)) {}

  using Logger::Logv;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level != rocksdb::InfoLogLevel::ERROR_LEVEL && level != rocksdb::InfoLogLevel::FATAL_LEVEL) return;
    std::array<char, 1024> line;  // what does not fit is cut off
    if (std::vsnprintf(line.data(), line.size(), format, arguments) < 0) return;
    report_({.code = core::ErrorCode::io_error, .what = std::string("RocksDB: ") + line.data()});
  }
  void LogHeader(const char*, va_list) override {}

 private:
  const std::function<void(const core::Error&)> report_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> rocksdb_log(std::function<void(const core::Error&)> report) {
  return std::make_shared<ErrorLog>(std::move(report));
}

}  // namespace sconce::server::storage
