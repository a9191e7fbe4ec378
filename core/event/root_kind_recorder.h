#pragma once

#include <string_view>
#include <type_traits>

#include "core/event/event.h"
#include "core/event/kind.h"

namespace sconce::core {

/// Passes events on, and remembers what the root is. Lifetime: `next` is borrowed. Threads: one at a time. Errors:
/// those of `next`.
class RootKindRecorder final : public EventSink {
 public:
  explicit RootKindRecorder(EventSink& next) : next_(next) {}

  Status on(const Event& event) override {
    if (looking_) look(event);
    return next_.on(event);
  }

  /// Empty before the first events.
  std::string_view kind() const { return kind_; }

 private:
  /// The first event tells, but for an instance: its second one may say that it is a tensor or a storage.
  void look(const Event& event) {
    looking_ = kind_.empty() && std::holds_alternative<event::Instance>(event);
    if (kind_.empty()) kind_ = name_of(std::visit([](const auto& e) { return kind_of(e); }, event));
    else if (std::holds_alternative<event::Tensor>(event)) kind_ = name_of(Kind::tensor);
    else if (std::holds_alternative<event::Storage>(event)) kind_ = name_of(Kind::storage);
  }

  static Kind kind_of(const event::Boolean&) { return Kind::boolean; }
  static Kind kind_of(const event::Number&) { return Kind::number; }
  static Kind kind_of(const event::String&) { return Kind::string; }
  static Kind kind_of(const event::Table&) { return Kind::table; }
  static Kind kind_of(const event::Function&) { return Kind::function; }
  static Kind kind_of(const event::Instance&) { return Kind::instance; }
  /// No other event begins an object.
  template <class Other>
  static Kind kind_of(const Other&) {
    return Kind::nil;
  }

  EventSink& next_;
  std::string_view kind_;
  bool looking_ = true;
};

}  // namespace sconce::core
