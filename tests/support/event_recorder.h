#pragma once

#include <string>

#include "core/event/event.h"

namespace sconce::tests {

/// Writes events down as text, one line each, so that two streams can be compared. Pieces of strings and elements are
/// joined: where one ends and the next begins means nothing.
class EventRecorder final : public core::EventSink {
 public:
  core::Status on(const core::Event& event) override;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool in_pieces_ = false;
};

}  // namespace sconce::tests
