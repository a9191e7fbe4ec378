#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/event/event.h"
#include "core/limits.h"
#include "proto/formats/object_reader.h"

namespace sconce::proto {

/// Reads what JsonWriter writes (docs/json.md): members in their order, white space wherever JSON has it. That indices
/// are new where something is defined and known where it is referred to is checked here; what tensors, keys and
/// payloads must be is not (object_reader.h).
///
/// Memory: a level of depth costs about 100 bytes, and a piece of elements or bytes up to 128 KiB; `limits` bounds all.
/// Lifetime: `sink` is borrowed and must outlive the reader. Threads: one at a time.
class JsonReader final : public ObjectReader {
 public:
  explicit JsonReader(core::EventSink& sink, const core::ReadLimits& limits = {});
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader() override;

  /// Errors: malformed, limit_exceeded, and the sink's.
  core::Status put(std::span<const std::byte> bytes) override;
  /// Errors: also truncated.
  core::Status finish() override;
  std::uint64_t offset() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::proto
