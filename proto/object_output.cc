#include "proto/object_output.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/event_writer.h"
#include "core/object_walker.h"
#include "core/part_reader.h"
#include "core/source_reader.h"
#include "core/tensor_events.h"
#include "proto/held_object.h"
#include "proto/json_writer.h"
#include "proto/plain_json.h"
#include "proto/stored_leaf.h"
#include "proto/tensor_leaves.h"
#include "proto/tensor_output.h"

namespace sconce::proto {

namespace {

using core::ByteSink;
using core::ErrorCode;
using core::FoundPart;
using core::ObjectParts;
using core::Result;
using core::Status;

// How often elements that are shared may be written in full, if together they are more than expanded_bytes_max.
constexpr std::uint64_t kWritesOfEachMax = 16;

/// What is to be written: a part, or some elements of a tensor.
struct Selection {
  FoundPart part;
  std::optional<core::TensorView> sliced;
};

/// Whether elements may be written that are read more than once. Stops a tensor of one element and the sizes 2^40 from
/// becoming terabytes, and a table of a million references to a large one.
Status check_written(ObjectParts& object, std::span<const TensorLeaf> leaves, const OutputLimits& limits) {
  const std::uint64_t bytes_max = std::max(kWritesOfEachMax * object.source().size_bytes(), limits.expanded_bytes_max);
  std::uint64_t bytes = 0;
  for (const TensorLeaf& leaf : leaves) {
    bytes += leaf.elements.size_bytes();
    if (bytes > bytes_max) {
      return core::fail(ErrorCode::limit_exceeded, "the tensors, with what they share in full, have more than " +
                                                       std::to_string(bytes_max) + " bytes");
    }
  }
  return {};
}

Result<Selection> select(ObjectParts& object, const OutputPlan& plan, const OutputLimits& limits) {
  const Result<FoundPart> part = object.finder().find(plan.path);
  if (!part) return std::unexpected(part.error());
  if (!plan.slice) return Selection{*part, std::nullopt};
  const auto refuse = [&plan](std::string what) {
    return std::unexpected(core::Error{.code = ErrorCode::invalid_argument,
                                       .what = std::move(what),
                                       .offset = std::nullopt,
                                       .path = core::to_string(plan.path)});
  };
  if ((*part)->kind != core::PartKind::tensor) {
    return refuse("only a tensor can be sliced, and this part is a " + std::string(core::name_of((*part)->kind)));
  }
  const Result<core::TensorView> whole = object.finder().view_of(**part);
  if (!whole) return std::unexpected(whole.error());
  Result<core::TensorView> sliced = core::apply_slice(*plan.slice, *whole);
  if (!sliced) return refuse(std::move(sliced.error().what));
  TensorLeaf written;
  written.elements = *sliced;
  if (Status checked = check_written(object, {&written, 1}, limits); !checked) return std::unexpected(checked.error());
  return Selection{*part, std::move(*sliced)};
}

/// The events of a selection.
class SelectionEvents {
 public:
  SelectionEvents(ObjectParts& object, const Selection& selection, core::EventSink& sink) {
    if (selection.sliced) {
      tensor_.emplace(object.source(), selection.part->tensor_class, *selection.sliced, sink);
    } else {
      part_.emplace(object.source(), object.finder(), object.classes(), *selection.part, sink);
    }
  }
  Status advance() { return tensor_ ? tensor_->advance() : part_->advance(); }
  bool done() const { return tensor_ ? tensor_->done() : part_->done(); }

 private:
  std::optional<core::TensorEvents> tensor_;
  std::optional<core::PartReader> part_;
};

/// In a format that is written by events. `make_events` is given the writer, and makes what produces them.
template <class Writer, class Events>
class EventOutput final : public ObjectOutput {
 public:
  template <class MakeEvents>
  EventOutput(Writer writer, MakeEvents make_events) : writer_(std::move(writer)), events_(make_events(writer_)) {}

  Status advance() override {
    if (Status advanced = events_.advance(); !advanced || !events_.done()) return advanced;
    done_ = true;
    return writer_.finish();
  }
  bool done() const override { return done_; }

 private:
  Writer writer_;
  Events events_;
  bool done_ = false;
};

/// What needs the graph: plain JSON, and shared parts in full.
class HeldOutput final : public ObjectOutput {
 public:
  HeldOutput(ObjectParts& object, const Selection& selection, ObjectFormat format, ByteSink& out,
             const OutputLimits& limits)
      : format_(format), out_(out), limits_(limits), held_(limits.held_bytes_max), events_(object, selection, held_) {}

  Status advance() override {
    if (Status advanced = events_.advance(); !advanced || !events_.done()) return advanced;
    done_ = true;
    const core::Object object = held_.take();
    if (format_ == ObjectFormat::plain_json) {
      return write_plain_json(object.root(), out_, {.bytes_max = limits_.expanded_bytes_max});
    }
    core::EventWriter writer(*torch_format_of(format_), out_);
    const core::WalkOptions expanded{.referenced = false, .expanded_bytes_max = limits_.expanded_bytes_max};
    if (Status walked = core::walk(object.root(), writer, expanded); !walked) return walked;
    return writer.finish();
  }
  bool done() const override { return done_; }

 private:
  const ObjectFormat format_;
  ByteSink& out_;
  const OutputLimits limits_;
  HeldObject held_;
  SelectionEvents events_;
  bool done_ = false;
};

Result<TensorLeaf> selected_leaf(ObjectParts& object, const Selection& selection) {
  Result<TensorLeaf> leaf = tensor_leaf(object, selection.part);
  if (!leaf || !selection.sliced) return leaf;
  leaf->elements = *selection.sliced;
  if (!leaf->elements.sizes.empty()) leaf->shape = leaf->elements.sizes;
  return leaf;
}

/// A part that is one tensor is called `name`.
Result<TensorLeaves> selected_leaves(ObjectParts& object, const Selection& selection, const OutputPlan& plan,
                                     std::string_view name) {
  const bool is_tensor =
      selection.part->kind == core::PartKind::tensor || selection.part->class_name == kExtensionClass;
  if (!is_tensor && plan.format != ObjectFormat::npy) return tensor_leaves(object, selection.part, plan.path);
  Result<TensorLeaf> leaf = selected_leaf(object, selection);
  if (!leaf) return std::unexpected(std::move(leaf.error()));
  leaf->name = name;
  TensorLeaves leaves;
  leaves.leaves.push_back(std::move(*leaf));
  return leaves;
}

Result<std::unique_ptr<ObjectOutput>> begin_tensors(ObjectParts& object, const Selection& selection,
                                                    const OutputPlan& plan, ByteSink& out, const OutputLimits& limits) {
  const bool is_npz = plan.format == ObjectFormat::npz;
  Result<TensorLeaves> leaves = selected_leaves(object, selection, plan, is_npz ? "arr_0" : "tensor");
  if (!leaves) return std::unexpected(std::move(leaves.error()));
  if (Status checked = check_written(object, leaves->leaves, limits); !checked) return std::unexpected(checked.error());
  return begin_tensor_output(object.source(), std::move(*leaves), plan.format, out);
}

}  // namespace

std::unique_ptr<ObjectOutput> begin_whole_output(core::ByteSource& source, const core::ClassLayouts& classes,
                                                 ObjectFormat format, ByteSink& out) {
  const auto by_events = [&]<class Writer>(Writer writer) -> std::unique_ptr<ObjectOutput> {
    const auto make = [&](Writer& to) { return core::SourceReader(source, 0, to, {.classes = &classes}); };
    return std::make_unique<EventOutput<Writer, core::SourceReader>>(std::move(writer), make);
  };
  if (format == ObjectFormat::json) return by_events(JsonWriter(out));
  return by_events(core::EventWriter(*torch_format_of(format), out));
}

Result<std::unique_ptr<ObjectOutput>> begin_output(ObjectParts& object, const OutputPlan& plan, ByteSink& out,
                                                   const OutputLimits& limits) {
  const Result<Selection> selection = select(object, plan, limits);
  if (!selection) return std::unexpected(selection.error());
  const auto by_events = [&]<class Writer>(Writer writer) -> std::unique_ptr<ObjectOutput> {
    const auto make = [&](Writer& to) { return SelectionEvents(object, *selection, to); };
    return std::make_unique<EventOutput<Writer, SelectionEvents>>(std::move(writer), make);
  };
  switch (plan.format) {
    case ObjectFormat::automatic:
    case ObjectFormat::binary:
    case ObjectFormat::ascii:
    case ObjectFormat::b32: {
      if (!plan.referenced) return std::make_unique<HeldOutput>(object, *selection, plan.format, out, limits);
      return by_events(core::EventWriter(*torch_format_of(plan.format), out));
    }
    case ObjectFormat::json: return by_events(JsonWriter(out));
    case ObjectFormat::plain_json: return std::make_unique<HeldOutput>(object, *selection, plan.format, out, limits);
    case ObjectFormat::npy:
    case ObjectFormat::npz:
    case ObjectFormat::safetensors: {
      auto output = begin_tensors(object, *selection, plan, out, limits);
      const bool lacks_path = !output && output.error().code == ErrorCode::unrepresentable && !output.error().path;
      if (lacks_path) output.error().path = core::to_string(plan.path);
      return output;
    }
  }
  std::unreachable();
}

}  // namespace sconce::proto
