#pragma once

#include <memory>

#include "core/bytes/byte_sink.h"
#include "core/error.h"
#include "core/event/event.h"

namespace sconce::proto {

/// Writes the events of one object as JSON that loses nothing: reading it again (json_reader.h) gives the same events.
/// docs/json.md says how each part stands. All on one line, with a newline at its end. An index that is defined twice,
/// as files read with `referenced` false may do, must have been renumbered (core/outline/canonical_writer.h): a reader
/// refuses it.
///
/// Small writes are gathered; memory grows with the depth of the object alone.
/// Lifetime: `out` is borrowed and must outlive the writer. Threads: one at a time.
class JsonWriter final : public core::EventSink {
 public:
  explicit JsonWriter(core::ByteSink& out);
  JsonWriter(JsonWriter&&) noexcept;
  JsonWriter& operator=(JsonWriter&&) noexcept;
  ~JsonWriter() override;

  /// Errors: those of `out`.
  core::Status on(const core::Event& event) override;

  /// Passes on what is still gathered. Call it once, behind the last event.
  core::Status finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::proto
