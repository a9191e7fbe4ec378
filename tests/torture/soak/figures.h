#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace sconce::tests {

/// What happened in some time, or in all of it.
struct SoakCounts {
  std::vector<double> put_ms = {};
  std::vector<double> get_ms = {};
  std::uint64_t operations = 0;
  std::uint64_t refused_full = 0;   // 507
  std::uint64_t refused_other = 0;  // 503, 429
};

/// What the workers of a soak measure. Threads: safe from many.
class SoakFigures {
 public:
  enum class What : std::uint8_t { put, get, other };
  void done(What what, double ms);
  void refused(unsigned status);
  /// All since the last call.
  SoakCounts take();

 private:
  std::mutex mutex_;
  SoakCounts counts_;
};

/// One row of what a soak prints.
struct SoakMinute {
  double operations_per_second = 0;
  double put_p50_ms = 0;
  double put_p99_ms = 0;
  double get_p50_ms = 0;
  double get_p99_ms = 0;
  double memory_mb = 0;     // of the server, RSS
  double volume_full = 0;   // a share
  double volume_ratio = 0;  // bytes on the volume for each byte that lives
  std::uint64_t refused_full = 0;
  std::uint64_t refused_other = 0;
};

/// Of counts that are taken apart; the rest of the row is zeros.
SoakMinute minute_of(SoakCounts counts, double seconds);

/// The columns of `row_of`.
std::string row_names();
std::string row_of(std::size_t number, const SoakMinute& minute);

/// A mean of the last third of the rows, divided by that of the first one. There is a row.
double last_third_to_first(const std::vector<SoakMinute>& minutes, double SoakMinute::* column);

}  // namespace sconce::tests
