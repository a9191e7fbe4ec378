#include "proto/formats/convert/in_memory_output.h"

#include <algorithm>

#include "core/bytes/bounded_sink.h"
#include "core/graph/object_builder.h"
#include "core/graph/object_walker.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/json/plain_json.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::Status;

// Bytes of elements and strings that cost a step, and bytes that are written.
constexpr std::uint64_t kBytesOfAStep = 64;
constexpr std::uint64_t kWrittenOfAStep = 16;
// Of a table, an instance, a function in the graph, with its place in the builder.
constexpr std::uint64_t kBytesOfANode = 160;

/// What an event takes in memory at most, as it was measured: tables and the builder's own memory grow by doubling.
struct TakenBy {
  static std::uint64_t bytes(std::uint64_t size) { return size + std::min<std::uint64_t>(size / 4, 4096); }

  std::uint64_t operator()(const core::event::Elements& elements) const { return bytes(elements.bytes.size()); }
  std::uint64_t operator()(const core::event::Bytes& some) const { return bytes(some.bytes.size()); }
  std::uint64_t operator()(const core::event::String& string) const { return 192 + bytes(string.bytes.size()); }
  std::uint64_t operator()(const core::event::Table&) const { return kTakenByANode; }
  std::uint64_t operator()(const core::event::Instance&) const { return kTakenByANode; }
  std::uint64_t operator()(const core::event::Function&) const { return kTakenByANode; }
  template <class Other>
  std::uint64_t operator()(const Other&) const {
    return 64;
  }

  static constexpr std::uint64_t kTakenByANode = 288;
};

/// Builds the graph of a part, as long as it is not larger than a limit, and what it takes can be drawn from the memory
/// of all requests.
class HeldObject final : public core::EventSink {
 public:
  HeldObject(std::uint64_t bytes_max, core::Budget& budget)
      : bytes_max_(bytes_max), budget_(budget), drawn_(budget.pool()) {}

  Status on(const core::Event& event) override {
    const std::uint64_t bytes = std::visit(SizeOf{}, event);
    bytes_ += bytes;
    if (Status spent = budget_.spend(1 + bytes / kBytesOfAStep); !spent) return spent;
    if (bytes_ <= bytes_max_) {
      if (Status drawn = drawn_.add(std::visit(TakenBy{}, event)); !drawn) return drawn;
      return builder_.on(event);
    }
    return core::fail(ErrorCode::limit_exceeded,
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
    std::uint64_t operator()(const core::event::Table&) const { return kBytesOfANode; }
    std::uint64_t operator()(const core::event::Instance&) const { return kBytesOfANode; }
    std::uint64_t operator()(const core::event::Function&) const { return kBytesOfANode; }
    template <class Other>
    std::uint64_t operator()(const Other&) const {
      return 16;
    }
  };

  const std::uint64_t bytes_max_;
  core::Budget& budget_;
  core::Drawn drawn_;
  std::uint64_t bytes_ = 0;
  core::ObjectBuilder builder_;
};

// Enough for an object of held_bytes_max that shares nothing, and made in seconds.
constexpr std::uint64_t kExpandedPartsMax = 10'000'000;

/// Draws what is written from a budget. Lifetime: both are borrowed.
class SpendingSink final : public core::ByteSink {
 public:
  SpendingSink(core::ByteSink& out, core::Budget& budget) : out_(out), budget_(budget) {}
  Status write(std::span<const std::byte> bytes) override {
    if (Status spent = budget_.spend(1 + bytes.size() / kWrittenOfAStep); !spent) return spent;
    return out_.write(bytes);
  }

 private:
  core::ByteSink& out_;
  core::Budget& budget_;
};

class HeldOutput final : public ObjectOutput {
 public:
  HeldOutput(const core::ProducerFactory& events, ObjectFormat format, core::ByteSink& out, const OutputLimits& limits,
             core::Budget& budget)
      : format_(format),
        out_(out, budget),
        limits_(limits),
        held_(limits.held_bytes_max, budget),
        events_(events(held_)) {}

  Status advance() override {
    if (Status advanced = events_->advance(); !advanced || !events_->done()) return advanced;
    done_ = true;
    const core::Object object = held_.take();
    if (format_ == ObjectFormat::plain_json) {
      return write_plain_json(object.root(), out_, {.bytes_max = limits_.expanded_bytes_max});
    }
    // Tables cost bytes too, and the walk does not count them.
    core::BoundedSink limited(out_, limits_.expanded_bytes_max, "what is shared, written in full, has more than ");
    core::EventWriter writer(*torch_format_of(format_), limited);
    const core::WalkOptions expanded{
        .referenced = false, .expanded_parts_max = kExpandedPartsMax, .expanded_bytes_max = limits_.expanded_bytes_max};
    if (Status walked = core::walk(object.root(), writer, expanded); !walked) return walked;
    return writer.finish();
  }
  bool done() const override { return done_; }

 private:
  const ObjectFormat format_;
  SpendingSink out_;
  const OutputLimits limits_;
  HeldObject held_;
  const std::unique_ptr<core::EventProducer> events_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<ObjectOutput> in_memory_output(const core::ProducerFactory& events, ObjectFormat format,
                                               core::ByteSink& out, const OutputLimits& limits, core::Budget& budget) {
  return std::make_unique<HeldOutput>(events, format, out, limits, budget);
}

}  // namespace sconce::proto
