#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sconce::bench {

/// One line of a table of results: work that is done again and again, and what it is held against.
struct TurnRow {
  std::string name = {};
  /// Does the work once, and returns the seconds that it took, without what it had to prepare and to free.
  std::function<double()> run = {};
  /// How much work that is, in `unit`; 0: what is told is the time itself.
  double amount = 0;
  std::string unit = {};
  /// What others reach, in `unit`, as a range; 0: nobody was measured.
  double peer_low = 0;
  double peer_high = 0;
  /// The row of the same table that this one is held against, if it is not the peer; -1: none.
  int against = -1;
  /// What is to be reached, in words.
  std::string target = {};
};

/// Runs the rows in turns, so many times each after one that does not count, and prints a Markdown table: the median,
/// the 10th and 90th of a hundred, and the ratio of the median to the peer or to the other row's.
void run_in_turns(const std::string& title, std::vector<TurnRow> rows, int rounds);

}  // namespace sconce::bench
