#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/event.h"
#include "core/object_builder.h"

namespace sconce::proto {

/// Builds the graph of a part, as long as it is not larger than a limit.
class HeldObject final : public core::EventSink {
 public:
  explicit HeldObject(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  core::Status on(const core::Event& event) override {
    bytes_ += std::visit(SizeOf{}, event);
    if (bytes_ <= bytes_max_) return builder_.on(event);
    return core::fail(core::ErrorCode::limit_exceeded,
                      "this form of an object is made in memory, so the part may have at most about " +
                          std::to_string(bytes_max_) + " bytes");
  }
  core::Object take() { return builder_.take(); }

 private:
  /// About what an event takes in memory.
  struct SizeOf {
    std::uint64_t operator()(const core::event::Elements& elements) const { return elements.bytes.size(); }
    std::uint64_t operator()(const core::event::Bytes& bytes) const { return bytes.bytes.size(); }
    std::uint64_t operator()(const core::event::String& string) const { return 16 + string.bytes.size(); }
    template <class Other>
    std::uint64_t operator()(const Other&) const {
      return 16;
    }
  };

  const std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  core::ObjectBuilder builder_;
};

}  // namespace sconce::proto
