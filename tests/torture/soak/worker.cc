#include "tests/torture/soak/worker.h"

#include <chrono>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "tests/support/tar.h"
#include "tests/torture/content.h"

namespace sconce::tests {

namespace {

using Clock = std::chrono::steady_clock;
using What = SoakFigures::What;

constexpr double kSmallest = 1 << 10;
constexpr std::size_t kLargest = 8 << 20;
constexpr std::size_t kLargestOfBatch = 64 << 10;
constexpr int kBatchEntries = 4;
constexpr std::size_t kDeletedKept = 200;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::runtime_error fault(const std::string& what, const HttpResponse& response) {
  return std::runtime_error(what + ": the server answered " + std::to_string(response.status) + " " +
                            response.body.substr(0, 300));
}

}  // namespace

void SoakWorker::step() {
  const auto dice = random_() % 100;
  if (held_.empty()) return put_new();
  if (dice < 35) return get_whole();
  if (dice < 50) return get_range();
  return options_.is_full() ? write_without_room() : write_with_room();
}

void SoakWorker::fill() {
  if (!options_.is_full()) put_new();
}

void SoakWorker::write_with_room() {
  const auto dice = random_() % 100;
  if (dice < 60) return put_new();
  if (dice < 85) return overwrite();
  if (dice < 95) return put_batch();
  remove();
}

void SoakWorker::write_without_room() {
  if (random_() % 100 < 60) return remove();
  overwrite();
}

/// From 1 KiB, as likely in each octave.
std::size_t SoakWorker::any_size(std::size_t most) {
  const double octaves = std::log2(static_cast<double>(most) / kSmallest);
  return static_cast<std::size_t>(kSmallest * std::exp2(std::uniform_real_distribution(0.0, octaves)(random_)));
}

SoakWorker::Entry& SoakWorker::any_entry() {
  return *std::next(held_.begin(), static_cast<std::ptrdiff_t>(random_() % held_.size()));
}

std::string SoakWorker::next_key() {
  return "worker-" + std::to_string(options_.number) + "/" + std::to_string(random_() % 100) + "/" +
         std::to_string(key_count_++);
}

void SoakWorker::put_new() { put(next_key(), any_size(kLargest)); }

void SoakWorker::overwrite() { put(std::string(any_entry().first), any_size(kLargest)); }

void SoakWorker::put(const std::string& key, std::size_t size_bytes) {
  const Held held{.value = ++last_value_, .size_bytes = size_bytes};
  const HttpRequest request{
      .method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = object_of(held.value, size_bytes)};
  const auto begin = Clock::now();
  const HttpResponse response = exchange(request);
  if (is_applied(response, What::put, ms_since(begin), [&] { return holds(key, held); })) note(key, held);
}

void SoakWorker::put_batch() {
  std::vector<std::pair<std::string, Held>> entries;
  std::string tar;
  for (int i = 0; i < kBatchEntries; ++i) {
    const Held held{.value = ++last_value_, .size_bytes = any_size(kLargestOfBatch)};
    entries.emplace_back(next_key(), held);
    tar += tar_entry(entries.back().first, object_of(held.value, held.size_bytes));
  }
  const HttpRequest request{.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = tar + tar_end()};
  const auto begin = Clock::now();
  const HttpResponse response = exchange(request);
  const auto look_up = [&] { return holds(entries[0].first, entries[0].second); };
  if (!is_applied(response, What::other, ms_since(begin), look_up)) return;
  for (const auto& [key, held] : entries) note(key, held);
}

void SoakWorker::remove() {
  if (held_.empty()) return;
  const std::string key = any_entry().first;
  const auto begin = Clock::now();
  const HttpResponse response = exchange({.method = "DELETE", .target = "/v1/objects/" + key});
  const auto look_up = [&] { return holds(key, {}); };
  if (!is_applied(response, What::other, ms_since(begin), look_up)) return;
  note(key, {});
}

void SoakWorker::get_whole() {
  const auto& [key, held] = any_entry();
  const auto begin = Clock::now();
  const HttpResponse response = exchange({.target = "/v1/objects/" + key});
  options_.figures.done(What::get, ms_since(begin));
  if (response.status != 200 || !response.whole) throw fault("GET " + key, response);
  if (response.body != object_of(held.value, held.size_bytes)) throw std::runtime_error(key + " has other bytes");
}

void SoakWorker::get_range() {
  const auto& [key, held] = any_entry();
  const std::string object = object_of(held.value, held.size_bytes);
  const std::size_t begin_byte = random_() % object.size();
  const std::size_t end_byte = begin_byte + 1 + random_() % (object.size() - begin_byte);
  const std::string range = "Range: bytes=" + std::to_string(begin_byte) + "-" + std::to_string(end_byte - 1);
  const auto begin = Clock::now();
  const HttpResponse response = exchange({.target = "/v1/objects/" + key, .fields = {range}, .body = {}});
  options_.figures.done(What::get, ms_since(begin));
  if (response.status != 206 || !response.whole) throw fault("GET " + key + ", " + range, response);
  if (response.body != object.substr(begin_byte, end_byte - begin_byte)) {
    throw std::runtime_error(key + " has other bytes in " + range);
  }
}

/// On one connection, which ends with a large body that is refused.
HttpResponse SoakWorker::exchange(const HttpRequest& request) {
  if (!connection_) connection_.emplace(options_.port);
  HttpResponse response = connection_->exchange(request);
  if (response.status == 0 || response.field("connection") == "close") connection_.reset();
  return response;
}

bool SoakWorker::is_applied(const HttpResponse& response, What what, double ms, const std::function<bool()>& look_up) {
  if (response.status >= 200 && response.status < 300) {
    options_.figures.done(what, ms);
    return true;
  }
  options_.figures.refused(response.status);
  if (response.status == 0) return look_up();
  if (response.status != 507 && response.status != 503 && response.status != 429) throw fault("a write", response);
  return false;
}

void SoakWorker::note(const std::string& key, const Held& held) {
  const auto known = held_.find(key);
  if (known != held_.end()) options_.live_bytes -= static_cast<std::int64_t>(known->second.size_bytes);
  options_.live_bytes += static_cast<std::int64_t>(held.size_bytes);
  if (held.value != kNone) {
    held_[key] = held;
    return;
  }
  held_.erase(key);
  if (deleted_.size() == kDeletedKept) deleted_.erase(deleted_.begin());
  deleted_.push_back(key);
}

bool SoakWorker::holds(const std::string& key, const Held& held) {
  const HttpResponse response = exchange({.target = "/v1/objects/" + key});
  if (response.status == 404) return held.value == kNone;
  if (response.status != 200 || !response.whole) throw fault("GET " + key, response);
  return held.value != kNone && response.body == object_of(held.value, held.size_bytes);
}

void SoakWorker::expect(const std::string& key, const Held& held) {
  if (!holds(key, held)) throw std::runtime_error(key + " does not hold what was acknowledged");
}

std::uint64_t SoakWorker::read_all() {
  for (const auto& [key, held] : held_) expect(key, held);
  for (const std::string& key : deleted_) expect(key, {});
  return held_.size() + deleted_.size();
}

void SoakWorker::connect_to(std::uint16_t port) {
  connection_.reset();
  options_.port = port;
}

}  // namespace sconce::tests
