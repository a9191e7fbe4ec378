#include "proto/http/fields/timestamp.h"

#include <array>
#include <cstdio>

namespace sconce::proto {

namespace {

namespace chrono = std::chrono;

// The years that have four digits.
constexpr chrono::sys_seconds kFirst = chrono::sys_days(chrono::year(0) / 1 / 1);
constexpr chrono::sys_seconds kEnd = chrono::sys_days(chrono::year(10'000) / 1 / 1);

/// Reads from the front, and remembers whether all was as it should be.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : left_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (left_.empty() || left_.front() < '0' || left_.front() > '9') return fail();
      value = value * 10 + (left_.front() - '0');
      left_.remove_prefix(1);
    }
    return value;
  }

  /// A number of two digits, up to `max`.
  int number_up_to(int max) {
    const int value = number(2);
    return value <= max ? value : fail();
  }

  bool take(std::string_view one_of) {
    if (left_.empty() || !one_of.contains(left_.front())) return false;
    left_.remove_prefix(1);
    return true;
  }

  void expect(std::string_view one_of) {
    if (!take(one_of)) fail();
  }

  void skip_digits() {
    number(1);
    while (take("0123456789")) {
    }
  }

  bool ended() const { return left_.empty(); }
  bool good() const { return good_; }

 private:
  int fail() {
    good_ = false;
    return 0;
  }

  std::string_view left_;
  bool good_ = true;
};

chrono::sys_days scan_date(Scanner& scanner, bool& exists) {
  const chrono::year year(scanner.number(4));
  scanner.expect("-");
  const chrono::month month(static_cast<unsigned>(scanner.number(2)));
  scanner.expect("-");
  const chrono::day day(static_cast<unsigned>(scanner.number(2)));
  const chrono::year_month_day date(year, month, day);
  exists = date.ok();
  return exists ? chrono::sys_days(date) : chrono::sys_days();
}

/// Hours, minutes, and seconds, of which a leap second is the 60th.
chrono::seconds scan_time(Scanner& scanner) {
  const chrono::hours hours(scanner.number_up_to(23));
  scanner.expect(":");
  const chrono::minutes minutes(scanner.number_up_to(59));
  scanner.expect(":");
  const chrono::seconds seconds(scanner.number_up_to(60));
  if (scanner.take(".")) scanner.skip_digits();
  return hours + minutes + seconds;
}

/// How far the clock that was told is ahead of UTC.
chrono::seconds scan_zone(Scanner& scanner) {
  if (scanner.take("Zz")) return {};
  const bool ahead = scanner.take("+");
  if (!ahead) scanner.expect("-");
  const chrono::hours hours(scanner.number_up_to(23));
  scanner.expect(":");
  const chrono::minutes minutes(scanner.number_up_to(59));
  return ahead ? hours + minutes : -(hours + minutes);
}

}  // namespace

std::optional<chrono::sys_seconds> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  bool exists = false;
  chrono::sys_seconds time = scan_date(scanner, exists);
  if (!scanner.ended()) {
    scanner.expect("Tt");
    time += scan_time(scanner);
    time -= scan_zone(scanner);
  }
  if (!scanner.good() || !exists || !scanner.ended()) return std::nullopt;
  if (time < kFirst || time >= kEnd) return std::nullopt;
  return time;
}

std::string timestamp_of(chrono::sys_seconds time) {
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace sconce::proto
