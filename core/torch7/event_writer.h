#pragma once

#include <cstdint>
#include <memory>

#include "core/bytes/byte_sink.h"
#include "core/error.h"
#include "core/event/event.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// Writes the events of one object in one of Torch's formats, with the indices, versions and order that the events
/// carry: reading and writing again gives the same bytes.
///
/// Small writes are gathered; arrays in a format that stores them as they come are passed on without a copy.
/// Lifetime: `out` is borrowed and must outlive the writer. Threads: one at a time.
class EventWriter final : public EventSink {
 public:
  /// `format` must not be `automatic`.
  EventWriter(Format format, ByteSink& out);
  EventWriter(EventWriter&&) noexcept;
  EventWriter& operator=(EventWriter&&) noexcept;
  ~EventWriter() override;

  /// Errors: unrepresentable (a long that b32 cannot hold, naming it), limit_exceeded (a length beyond int32), and
  /// those of `out`.
  Status on(const Event& event) override;

  /// Passes on what is still gathered. Call it once, behind the last event.
  Status finish();

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::core
