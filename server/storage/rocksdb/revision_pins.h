#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "server/storage/rocksdb/database/stored_object.h"

namespace sconce::server::storage {

/// Which bytes are being read, and which of those no key names any more. Threads: safe from many.
class RevisionPins {
 public:
  /// Receives bytes that may go, when their last reader has left, on the thread of that reader. Must not wait.
  using Unused = std::function<void(const Placement&)>;
  explicit RevisionPins(Unused unused) : unused_(std::move(unused)) {}

  /// Keeps bytes. Lifetime: not longer than the pins.
  class Pin {
   public:
    Pin(RevisionPins& pins, const Placement& bytes) : pins_(&pins), bytes_(bytes) {}
    Pin(Pin&& other) noexcept : pins_(std::exchange(other.pins_, nullptr)), bytes_(other.bytes_) {}
    Pin& operator=(Pin&&) = delete;
    ~Pin() {
      if (pins_ != nullptr) pins_->unpin(bytes_);
    }

   private:
    RevisionPins* pins_;
    Placement bytes_;
  };
  [[nodiscard]] Pin pin(const Placement& bytes);

  /// Guards a lookup of where bytes lie, to pin them: what is retired meanwhile stays until the lookup is over, so that
  /// what was found can be pinned. Lifetime: short, and not longer than the pins.
  class LookupGuard {
   public:
    explicit LookupGuard(RevisionPins& pins) : pins_(pins), begin_(pins.begin_lookup()) {}
    ~LookupGuard() { pins_.end_lookup(begin_); }
    LookupGuard(const LookupGuard&) = delete;
    LookupGuard& operator=(const LookupGuard&) = delete;

   private:
    RevisionPins& pins_;
    const std::uint64_t begin_;
  };

  /// No key names the bytes any more. True if nobody reads them or may be about to: they may go. Otherwise it is told
  /// when.
  [[nodiscard]] bool retire(const Placement& bytes);

 private:
  void unpin(const Placement& bytes);
  std::uint64_t begin_lookup();
  void end_lookup(std::uint64_t begin);
  std::optional<Placement> next_deferred() noexcept;

  struct Readers {
    std::size_t count = 0;
    bool retired = false;
  };
  const Unused unused_;
  std::mutex mutex_;
  std::map<Revision, Readers> readers_;                       // by the id of the bytes
  std::uint64_t now_ = 0;                                     // counts lookups and what is retired during them
  std::vector<std::uint64_t> lookups_;                        // when each of those under way began, in order
  std::deque<std::pair<std::uint64_t, Placement>> deferred_;  // when it was retired; in order
};

/// Pins of all that an object consists of.
std::vector<RevisionPins::Pin> pins_of(RevisionPins& pins, const StoredObject& object);

}  // namespace sconce::server::storage
