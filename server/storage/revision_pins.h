#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "server/storage/stored_object.h"

namespace sconce::server::storage {

/// Which bytes are being read, and which of those no key names any more. Threads: safe from many.
class RevisionPins {
 public:
  /// Told which bytes may go, when their last reader has left. Called on that reader's thread; must not wait.
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

  /// No key names the bytes any more. True if nobody reads them: they may go. Otherwise their last reader says so.
  [[nodiscard]] bool retire(const Placement& bytes);

 private:
  void unpin(const Placement& bytes);

  struct Readers {
    std::size_t count = 0;
    bool retired = false;
  };
  const Unused unused_;
  std::mutex mutex_;
  std::map<Revision, Readers> readers_;  // by the id of the bytes
};

}  // namespace sconce::server::storage
