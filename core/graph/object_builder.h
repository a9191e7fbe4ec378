#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/event/event.h"
#include "core/graph/object.h"

namespace sconce::core {

/// How a builder keeps element data and long strings.
enum class Elements : std::uint8_t {
  copy,  ///< The object owns them.
  view,  ///< They stay where the events point, which must outlive the object: only for input that is whole and in
         ///< place.
};

/// Builds the object graph from the events of one object.
///
/// Lifetime: with `Elements::view`, the bytes that the events point at must outlive the object. Threads: one at a time.
/// Errors: std::bad_alloc; the events are those of a reader, which has checked them.
class ObjectBuilder final : public EventSink {
 public:
  explicit ObjectBuilder(Elements elements = Elements::copy);
  ObjectBuilder(ObjectBuilder&&) noexcept;
  ObjectBuilder& operator=(ObjectBuilder&&) noexcept;
  ~ObjectBuilder() override;

  Status on(const Event& event) override;

  /// The object; call it once, after the last event.
  Object take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::core
