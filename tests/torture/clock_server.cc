#include "tests/torture/clock_server.h"

#include <ctime>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "tests/faults/moved_clock.h"
#include "tests/server/http_client.h"
#include "tests/torture/check_data.h"
#include "tests/torture/killed_server.h"

namespace sconce::tests {

namespace {

using nlohmann::json;

/// `2026-11-23T10:00:00.000Z`
MovedClock::Time time_of(const std::string& text) {
  std::istringstream in(text);
  std::tm date{};
  char point = 0;
  int milliseconds = 0;
  char zone = 0;
  in >> std::get_time(&date, "%Y-%m-%dT%H:%M:%S") >> point >> milliseconds >> zone;
  if (!in || point != '.' || zone != 'Z' || in.peek() != std::istringstream::traits_type::eof()) {
    throw std::runtime_error("a listing has the time " + text);
  }
  return std::chrono::system_clock::from_time_t(timegm(&date)) + std::chrono::milliseconds(milliseconds);
}

class ClockServer final : public Victim {
 public:
  ClockServer(const std::filesystem::path& directory, std::uint64_t seed)
      : data_(directory / "data"),
        clock_(directory / "clock", seed),
        server_(data_, [this] { clock_.give_to_child(); }) {}

  std::unique_ptr<Client> connect() override { return server_.connect(); }
  void disturb() override { clock_.set_at_random(); }
  void strike() override { server_.strike(); }
  void close() override { server_.close(); }

  void restore() override {
    server_.wait_for_end();
    check_data(data_);
    clock_.set_at_random();
    server_.start();
    check_times();
  }

  std::string what_it_did() const override {
    return "the clock was set " + std::to_string(clock_.times_set()) + " times, and " + std::to_string(times_) +
           " times in listings are its own";
  }

 private:
  void check_times() {
    const HttpResponse listing =
        http(server_.port(), {.target = "/v1/objects", .fields = {"Accept: application/x-ndjson"}, .body = {}});
    if (listing.status != 200 || !listing.whole) throw std::runtime_error("no listing: " + listing.body);
    std::istringstream lines(listing.body);
    for (std::string line; std::getline(lines, line);) {
      const json entry = json::parse(line);
      for (const char* name : {"created", "modified"}) check_time(entry, name);
    }
  }

  void check_time(const json& entry, const char* name) {
    const auto text = entry.at(name).get<std::string>();
    times_ += 1;
    if (clock_.has_shown(time_of(text))) return;
    throw std::runtime_error(entry.at("key").get<std::string>() + " was " + name + " at " + text +
                             ", which the clock has not shown");
  }

  const std::filesystem::path data_;
  MovedClock clock_;
  KilledServer server_;
  std::uint64_t times_ = 0;
};

}  // namespace

std::unique_ptr<Victim> make_clock_server(const std::filesystem::path& directory, std::uint64_t seed) {
  return std::make_unique<ClockServer>(directory, seed);
}

}  // namespace sconce::tests
