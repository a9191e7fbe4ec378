#pragma once

#include <memory>
#include <span>
#include <string>

#include "tests/torture/operation.h"

namespace sconce::tests {

/// What became of a request.
struct Reply {
  Operation::Outcome outcome = Operation::Outcome::unknown;
  Value value = kNone;       // that was read
  std::string version = {};  // of what was read, or written
  std::string fault = {};    // what no good store answers; empty if there is nothing
};

/// A condition of a write.
struct Guard {
  enum class Kind : std::uint8_t { none, absent, version };
  Kind kind = Kind::none;
  std::string version = {};
};

/// A connection to a store under torture. Threads: one.
class Client {
 public:
  virtual ~Client() = default;
  virtual Reply read(const std::string& key) = 0;
  virtual Reply write(const std::string& key, const std::string& object, const Guard& guard) = 0;
  virtual Reply remove(const std::string& key) = 0;
  /// All keys at once.
  virtual Reply write_all(std::span<const std::string> keys, std::span<const std::string> objects) = 0;
};

/// A store that can be stopped in the middle of everything.
class Victim {
 public:
  virtual ~Victim() = default;
  virtual std::unique_ptr<Client> connect() = 0;
  /// Makes it hard for clients that are at work, some times before each strike. Throws where that shows a fault.
  virtual void disturb() {}
  /// At a moment when clients are at work; from then on none gets an answer.
  virtual void strike() = 0;
  /// Brings it back. Throws if it does not come.
  virtual void restore() = 0;
  /// Ends it in peace, for good. Throws if it does not end so.
  virtual void close() = 0;
  /// What it counted, as a sentence; or nothing.
  virtual std::string what_it_did() const { return {}; }
};

}  // namespace sconce::tests
