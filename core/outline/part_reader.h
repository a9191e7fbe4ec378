#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/budget.h"
#include "core/event/event_producer.h"
#include "core/event/index_table.h"
#include "core/limits.h"
#include "core/outline/part_finder.h"
#include "core/outline/source_reader.h"

namespace sconce::core {

/// Produces the events of a part as of an object of its own: what it refers to outside itself is brought along where it
/// is first referred to, and indices are 1, 2, 3, … in the order in which Torch would number them. Nothing but the
/// bytes of these parts is read. What is read twice, and what is remembered of it, is drawn from the finder's budget.
/// Lifetime: source, finder, classes and sink are borrowed. Threads: one at a time.
class PartReader final : public EventProducer {
 public:
  PartReader(ByteSource& source, PartFinder& finder, const ClassLayouts& classes, const OutlinePart& part,
             EventSink& sink, const ReadLimits& limits = {});
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;

  /// Reads a piece and produces its events. Errors: the source's, the sink's, the finder's; limit_exceeded; corrupt.
  Status advance() override;
  bool done() const override { return levels_.empty(); }

 private:
  /// A part that is being read. `ends`: number of End events to emit after the inlined part.
  struct Level {
    std::unique_ptr<SourceReader> reader;
    std::size_t ends = 0;
    Held held = {};
  };

  /// What the readers of all levels read.
  class Incoming final : public EventSink {
   public:
    explicit Incoming(PartReader& reader) : reader_(reader) {}
    Status on(const Event& event) override { return reader_.on_event(event); }

   private:
    PartReader& reader_;
  };

  Status on_event(const Event& event);
  Status emit(const Event& event);
  Status pass_over(const Event& event);
  Status refer(const event::Reference& reference);
  void push(const OutlinePart& part);
  Status bring_along();
  Status pop();
  template <class Definition>
  Status define(Definition definition, std::int32_t tag);

  ByteSource& source_;
  PartFinder& finder_;
  const ClassLayouts& classes_;
  EventSink& sink_;
  const ReadLimits limits_;
  Incoming incoming_;
  std::vector<Level> levels_;
  IndexMap<std::int32_t> numbers_;         // by the index in the object
  std::optional<std::int32_t> wanted_;     // the index of a reference behind which the reader pauses
  std::optional<std::int32_t> sought_;     // the index that what comes next must define
  std::int32_t numbered_max_ = INT32_MIN;  // the greatest index in there
  Held held_;                              // for them
  std::size_t passing_over_ = 0;           // containers that are open in a part that has been produced before
  std::size_t depth_ = 0;                  // containers that are open in what is produced
};

}  // namespace sconce::core
