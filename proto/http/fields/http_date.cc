#include "proto/http/fields/http_date.h"

#include <algorithm>
#include <iterator>

#include "core/ascii.h"

namespace sconce::proto {

namespace {

constexpr std::string_view kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

/// `digits` digits; where `padded`, the first may be a blank.
template <class T>
bool take_number(std::string_view& text, std::size_t digits, T& number, bool padded = false) {
  if (text.size() < digits) return false;
  number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (padded && i == 0 && text[i] == ' ') continue;
    if (!core::is_digit(text[i])) return false;
    number = number * 10 + static_cast<T>(text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_day_name(std::string_view& text, bool in_full) {
  return std::ranges::any_of(kDays,
                             [&](std::string_view name) { return take(text, in_full ? name : name.substr(0, 3)); });
}

bool take_month(std::string_view& text, Parts& parts) {
  const auto* const found = std::ranges::find_if(kMonths, [&](std::string_view name) { return take(text, name); });
  parts.month = static_cast<unsigned>(found - std::begin(kMonths)) + 1;
  return found != std::end(kMonths);
}

bool take_time(std::string_view& text, Parts& parts) {
  return take_number(text, 2, parts.hour) && take(text, ":") && take_number(text, 2, parts.minute) && take(text, ":") &&
         take_number(text, 2, parts.second);
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
bool take_current(std::string_view text, Parts& parts) {
  return take_day_name(text, false) && take(text, ", ") && take_number(text, 2, parts.day) && take(text, " ") &&
         take_month(text, parts) && take(text, " ") && take_number(text, 4, parts.year) && take(text, " ") &&
         take_time(text, parts) && text == " GMT";
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
bool take_rfc850(std::string_view text, Parts& parts) {
  return take_day_name(text, true) && take(text, ", ") && take_number(text, 2, parts.day) && take(text, "-") &&
         take_month(text, parts) && take(text, "-") && take_number(text, 2, parts.year) && take(text, " ") &&
         take_time(text, parts) && text == " GMT";
}

/// `Sun Nov  6 08:49:37 1994`
bool take_asctime(std::string_view text, Parts& parts) {
  return take_day_name(text, false) && take(text, " ") && take_month(text, parts) && take(text, " ") &&
         take_number(text, 2, parts.day, true) && take(text, " ") && take_time(text, parts) && take(text, " ") &&
         take_number(text, 4, parts.year) && text.empty();
}

/// A year that seems more than 50 years ahead is one of the past.
int in_full(int year_of_century, std::chrono::sys_seconds now) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const int this_year = static_cast<int>(today.year());
  const int year = this_year / 100 * 100 + year_of_century;
  return year > this_year + 50 ? year - 100 : year;
}

void write_number(char* to, std::size_t digits, unsigned number) {
  for (std::size_t i = digits; i > 0; --i, number /= 10) to[i - 1] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string http_date(std::chrono::sys_seconds time) {
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = "Sun, 00 Jan 0000 00:00:00 GMT";
  text.replace(0, 3, kDays[std::chrono::weekday(day).c_encoding()].substr(0, 3));
  write_number(&text[5], 2, static_cast<unsigned>(date.day()));
  text.replace(8, 3, kMonths[static_cast<unsigned>(date.month()) - 1]);
  write_number(&text[12], 4, static_cast<unsigned>(static_cast<int>(date.year())));
  write_number(&text[17], 2, static_cast<unsigned>(clock.hours().count()));
  write_number(&text[20], 2, static_cast<unsigned>(clock.minutes().count()));
  write_number(&text[23], 2, static_cast<unsigned>(clock.seconds().count()));
  return text;
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, std::chrono::sys_seconds now) {
  Parts parts;
  if (take_rfc850(text, parts)) parts.year = in_full(parts.year, now);
  else if (!take_current(text, parts) && !take_asctime(text, parts)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(parts.year), std::chrono::month(parts.month),
                                         std::chrono::day(parts.day)};
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60)
    return std::nullopt;  // 60: a leap second
  return std::chrono::sys_days(date) + std::chrono::hours(parts.hour) + std::chrono::minutes(parts.minute) +
         std::chrono::seconds(parts.second);
}

}  // namespace sconce::proto
