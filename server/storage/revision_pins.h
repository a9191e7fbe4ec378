#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "server/storage/stored_object.h"

namespace sconce::server::storage {

/// Which revisions are being read, and which of those no key names any more. Threads: safe from many.
class RevisionPins {
 public:
  /// Told which bytes may go, when their last reader has left. Called on that reader's thread; must not wait.
  using Unused = std::function<void(const Garbage&)>;
  explicit RevisionPins(Unused unused) : unused_(std::move(unused)) {}

  /// Keeps a revision's bytes. Lifetime: not longer than the pins.
  class Pin {
   public:
    Pin(RevisionPins& pins, const Garbage& bytes) : pins_(&pins), bytes_(bytes) {}
    Pin(Pin&& other) noexcept : pins_(std::exchange(other.pins_, nullptr)), bytes_(other.bytes_) {}
    Pin& operator=(Pin&&) = delete;
    ~Pin() {
      if (pins_ != nullptr) pins_->unpin(bytes_);
    }

   private:
    RevisionPins* pins_;
    Garbage bytes_;
  };
  [[nodiscard]] Pin pin(const StoredObject& object);

  /// No key names the revision any more. True if nobody reads it: its bytes may go. Otherwise its last reader says so.
  [[nodiscard]] bool retire(const Revision& revision);

 private:
  void unpin(const Garbage& bytes);

  struct Readers {
    std::size_t count = 0;
    bool retired = false;
  };
  const Unused unused_;
  std::mutex mutex_;
  std::map<Revision, Readers> readers_;
};

}  // namespace sconce::server::storage
