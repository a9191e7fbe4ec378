#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/server/http_client.h"
#include "tests/torture/operation.h"
#include "tests/torture/soak/figures.h"

namespace sconce::tests {

/// A client with keys of its own, so that it knows what each must hold. Threads: one.
class SoakWorker {
 public:
  struct Options {
    std::uint16_t port = 0;
    int number = 0;
    std::uint64_t seed = 0;
    /// Whether the volume is as full as it is to be.
    std::function<bool()> is_full;
    /// Bytes of all objects of all workers; borrowed.
    std::atomic<std::int64_t>& live_bytes;
    SoakFigures& figures;  // borrowed
  };
  explicit SoakWorker(Options options) : options_(std::move(options)), random_(options_.seed) {}

  // Throws std::runtime_error, a sentence, where the server does what no store may do.
  /// One request, at random; where the volume is full one that makes room, or overwrites.
  void step();
  /// Puts one object if there is room.
  void fill();
  /// Reads all objects, and keys that were deleted. Returns how many.
  std::uint64_t read_all();
  /// After the server was started again.
  void connect_to(std::uint16_t port);

 private:
  struct Held {
    Value value = kNone;
    std::size_t size_bytes = 0;
  };
  using Entry = std::pair<const std::string, Held>;

  std::size_t any_size(std::size_t most);
  Entry& any_entry();
  void write_with_room();
  void write_without_room();
  void put_new();
  void overwrite();
  void put(const std::string& key, std::size_t size_bytes);
  void put_batch();
  void remove();
  void get_whole();
  void get_range();

  HttpResponse exchange(const HttpRequest& request);
  /// Whether it was applied; counts refusals. An answer that did not come is looked up.
  bool is_applied(const HttpResponse& response, SoakFigures::What what, double ms,
                  const std::function<bool()>& look_up);
  void expect(const std::string& key, const Held& held);
  bool holds(const std::string& key, const Held& held);
  void note(const std::string& key, const Held& held);
  std::string next_key();

  Options options_;
  std::mt19937_64 random_;
  std::optional<HttpConnection> connection_;
  std::map<std::string, Held> held_;
  std::vector<std::string> deleted_;  // the last ones
  std::uint64_t key_count_ = 0;
  Value last_value_ = 0;
};

}  // namespace sconce::tests
