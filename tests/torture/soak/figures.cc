#include "tests/torture/soak/figures.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <span>
#include <utility>

namespace sconce::tests {

namespace {

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

double mean_of(std::span<const SoakMinute> minutes, double SoakMinute::* column) {
  double sum = 0;
  for (const SoakMinute& minute : minutes) sum += minute.*column;
  return sum / static_cast<double>(minutes.size());
}

}  // namespace

void SoakFigures::done(What what, double ms) {
  const std::lock_guard lock(mutex_);
  counts_.operations += 1;
  if (what == What::put) counts_.put_ms.push_back(ms);
  if (what == What::get) counts_.get_ms.push_back(ms);
}

void SoakFigures::refused(unsigned status) {
  const std::lock_guard lock(mutex_);
  counts_.operations += 1;
  (status == 507 ? counts_.refused_full : counts_.refused_other) += 1;
}

SoakCounts SoakFigures::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(counts_, {});
}

SoakMinute minute_of(SoakCounts counts, double seconds) {
  return {.operations_per_second = static_cast<double>(counts.operations) / seconds,
          .put_p50_ms = percentile(counts.put_ms, 0.5),
          .put_p99_ms = percentile(counts.put_ms, 0.99),
          .get_p50_ms = percentile(counts.get_ms, 0.5),
          .get_p99_ms = percentile(counts.get_ms, 0.99),
          .refused_full = counts.refused_full,
          .refused_other = counts.refused_other};
}

std::string row_names() {
  return "minute  op/s  PUT p50 p99 ms   GET p50 p99 ms   RSS MB  full %  on volume/live  507  other refusals";
}

std::string row_of(std::size_t number, const SoakMinute& minute) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "%6zu %5.0f %8.1f %7.1f %8.1f %7.1f %8.1f %7.1f %15.3f %4llu %15llu", number,
                minute.operations_per_second, minute.put_p50_ms, minute.put_p99_ms, minute.get_p50_ms,
                minute.get_p99_ms, minute.memory_mb, 100 * minute.volume_full, minute.volume_ratio,
                static_cast<unsigned long long>(minute.refused_full),
                static_cast<unsigned long long>(minute.refused_other));
  return text.data();
}

double last_third_to_first(const std::vector<SoakMinute>& minutes, double SoakMinute::* column) {
  const std::size_t third = std::max<std::size_t>(1, minutes.size() / 3);
  const std::span rows(minutes);
  return mean_of(rows.last(third), column) / mean_of(rows.first(third), column);
}

}  // namespace sconce::tests
