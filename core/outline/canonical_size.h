#pragma once

#include <cstdint>

#include "core/event/event.h"

namespace sconce::core {

/// The bytes of an event in the canonical encoding; a visitor. Threads: no state. Source: docs/formats.md, "Objects".
struct CanonicalSize {
  std::uint64_t operator()(const event::Nil&) const { return 4; }
  std::uint64_t operator()(const event::Number&) const { return 12; }
  std::uint64_t operator()(const event::Boolean&) const { return 8; }
  std::uint64_t operator()(const event::String& string) const { return 8 + string.bytes.size(); }
  std::uint64_t operator()(const event::Bytes& bytes) const { return bytes.bytes.size(); }
  std::uint64_t operator()(const event::Table&) const { return 12; }
  std::uint64_t operator()(const event::Reference&) const { return 8; }
  std::uint64_t operator()(const event::Function& function) const { return function.index ? 12 : 8; }
  std::uint64_t operator()(const event::Instance& instance) const {
    const std::uint64_t version = instance.header.version ? 4 + instance.header.version->size() : 0;
    return 8 + version + 4 + instance.header.name.size();
  }
  std::uint64_t operator()(const event::Tensor& tensor) const { return 12 + 16 * tensor.sizes.size(); }
  std::uint64_t operator()(const event::Storage&) const { return 8; }
  std::uint64_t operator()(const event::Scalars&) const { return 0; }
  std::uint64_t operator()(const event::Elements& elements) const { return elements.bytes.size(); }
  std::uint64_t operator()(const event::End&) const { return 0; }
};

}  // namespace sconce::core
