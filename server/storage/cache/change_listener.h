#pragma once

#include <span>
#include <string_view>

namespace sconce::server::storage {

/// Hears which keys of a store change, so that nothing old is kept of them in memory. A store announces a change before
/// it writes, and ends it when what was written can be read, or was not written.
///
/// Threads: called by those that write, by several at once. Must not wait for a reader or a writer.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  /// From here on, readers may find either state of these keys.
  virtual void begin_change(std::span<const std::string_view> keys) noexcept = 0;
  virtual void end_change(std::span<const std::string_view> keys) noexcept = 0;
  /// The same of all keys at once.
  virtual void begin_change_of_all() noexcept = 0;
  virtual void end_change_of_all() noexcept = 0;
};

/// While it lives, these keys change. Lifetime: listener and keys are borrowed.
class KeyChange {
 public:
  KeyChange(ChangeListener& listener, std::span<const std::string_view> keys) noexcept
      : listener_(listener), keys_(keys) {
    listener_.begin_change(keys_);
  }
  ~KeyChange() { listener_.end_change(keys_); }
  KeyChange(const KeyChange&) = delete;
  KeyChange& operator=(const KeyChange&) = delete;

 private:
  ChangeListener& listener_;
  const std::span<const std::string_view> keys_;
};

/// While it lives, any key may change. Lifetime: the listener is borrowed.
class ChangeOfAll {
 public:
  explicit ChangeOfAll(ChangeListener& listener) noexcept : listener_(listener) { listener_.begin_change_of_all(); }
  ~ChangeOfAll() { listener_.end_change_of_all(); }
  ChangeOfAll(const ChangeOfAll&) = delete;
  ChangeOfAll& operator=(const ChangeOfAll&) = delete;

 private:
  ChangeListener& listener_;
};

}  // namespace sconce::server::storage
