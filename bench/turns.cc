#include "bench/turns.h"

#include <cstddef>
#include <cstdio>

#include "bench/latency.h"

namespace sconce::bench {
namespace {

std::string number(const char* format, double value) {
  char text[32];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, value))};
}

/// In the row's unit, with three figures or whole.
std::string rate(const TurnRow& row, double seconds) {
  if (row.amount == 0) return seconds < 1e-3 ? number("%.0f µs", seconds * 1e6) : number("%.2f ms", seconds * 1e3);
  const double per_second = row.amount / seconds;
  return number(per_second < 100 ? "%.1f" : "%.0f", per_second) + " " + row.unit;
}

std::string ratio(const TurnRow& row, double seconds, double other_seconds) {
  if (row.against >= 0) return number("%.2f ×", other_seconds / seconds);
  if (row.peer_low == 0) return "";
  const double per_second = row.amount / seconds;
  const std::string best = number("%.1f ×", per_second / row.peer_high);
  if (row.peer_low == row.peer_high) return best;
  return best + " – " + number("%.1f ×", per_second / row.peer_low);
}

std::string peer(const TurnRow& row, const std::vector<TurnRow>& rows) {
  if (row.against >= 0) return rows[static_cast<std::size_t>(row.against)].name;
  if (row.peer_low == 0) return "";
  const std::string high = number("%.0f", row.peer_high);
  return row.peer_low == row.peer_high ? high : number("%.0f", row.peer_low) + " – " + high;
}

}  // namespace

void run_in_turns(const std::string& title, std::vector<TurnRow> rows, int rounds) {
  std::vector<std::vector<double>> seconds(rows.size());
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double taken = rows[i].run();
      if (round >= 0) seconds[i].push_back(taken);
    }
  }
  std::printf("\n%s, %d times each, in turns:\n\n", title.c_str(), rounds);
  std::printf("| work | median | 10th – 90th of 100 | against | ratio | to reach |\n|---|---|---|---|---|---|\n");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TurnRow& row = rows[i];
    const double middle = median(seconds[i]);
    const double other = row.against >= 0 ? median(seconds[static_cast<std::size_t>(row.against)]) : 0;
    std::printf("| %s | %s | %s – %s | %s | %s | %s |\n", row.name.c_str(), rate(row, middle).c_str(),
                rate(row, percentile(seconds[i], 0.9)).c_str(), rate(row, percentile(seconds[i], 0.1)).c_str(),
                peer(row, rows).c_str(), ratio(row, middle, other).c_str(), row.target.c_str());
  }
}

}  // namespace sconce::bench
