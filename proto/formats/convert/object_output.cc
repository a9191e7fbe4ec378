#include "proto/formats/convert/object_output.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/outline/part_reader.h"
#include "core/tensor/tensor_events.h"
#include "core/text/article.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/arrays/array_producer.h"
#include "proto/formats/arrays/collect_tensors.h"
#include "proto/formats/arrays/sliced_tensor.h"
#include "proto/formats/arrays/tensor_of_part.h"
#include "proto/formats/convert/in_memory_output.h"
#include "proto/formats/convert/tensor_output.h"
#include "proto/formats/json/json_writer.h"

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
// Stops a batch of columns of one matrix, each of which reads all of it.
constexpr std::uint64_t kPassedOverOfAStep = 1024;

/// Whether elements may be written that are read more than once. Stops a tensor of one element and the sizes 2^40 from
/// becoming terabytes, and a table of a million references to a large one.
Status check_written(ObjectParts& object, std::uint64_t bytes, const OutputLimits& limits) {
  const std::uint64_t bytes_max = std::max(kWritesOfEachMax * object.source().size_bytes(), limits.expanded_bytes_max);
  if (bytes <= bytes_max) return {};
  return core::fail(ErrorCode::limit_exceeded, "the tensors, with what they share in full, have more than " +
                                                   std::to_string(bytes_max) + " bytes");
}

/// Bytes between the elements of a slice, most of which are read with them: of a column, almost the matrix.
std::uint64_t passed_over_bytes(const core::TensorView& view) {
  const std::uint64_t width = core::size_bytes_of(view.type);
  std::uint64_t reach_bytes = width;  // it lies in a storage, so this is no more than that
  for (std::size_t d = 0; d < view.sizes.size(); ++d) {
    if (view.sizes[d] == 0) return 0;
    if (view.sizes[d] == 1) continue;  // then the stride may be anything
    reach_bytes +=
        static_cast<std::uint64_t>(view.sizes[d] - 1) * static_cast<std::uint64_t>(std::abs(view.strides[d])) * width;
  }
  return reach_bytes - std::min(reach_bytes, view.size_bytes());
}

/// What is to be written: a part, or some elements of a tensor.
struct Selection {
  FoundPart part;
  std::optional<NamedTensor> sliced;
};

Result<Selection> select(ObjectParts& object, const OutputPlan& plan, const OutputLimits& limits) {
  const Result<FoundPart> part = object.finder().find(plan.path);
  if (!part) return std::unexpected(part.error());
  if (!plan.slice) return Selection{*part, std::nullopt};
  const auto refuse = [&plan](ErrorCode code, std::string what) {
    return std::unexpected(
        core::Error{.code = code, .what = std::move(what), .offset = std::nullopt, .path = core::to_string(plan.path)});
  };
  if (!is_tensor_part(**part)) {
    return refuse(ErrorCode::invalid_argument,
                  "only a tensor can be sliced, and this part is " + core::with_article(core::name_of((*part)->kind)));
  }
  WholeParts whole_parts(object);
  Result<NamedTensor> whole = tensor_of_part(object, *part, whole_parts);
  if (!whole && whole.error().code == ErrorCode::unrepresentable) {
    return refuse(ErrorCode::unrepresentable, std::move(whole.error().what));
  }
  if (!whole) return std::unexpected(std::move(whole.error()));
  Result<NamedTensor> sliced = slice_tensor(*plan.slice, std::move(*whole));
  if (!sliced) return refuse(sliced.error().code, std::move(sliced.error().what));
  Status checked = check_written(object, sliced->elements.size_bytes(), limits);
  if (checked) checked = object.budget().spend(passed_over_bytes(sliced->elements) / kPassedOverOfAStep);
  if (!checked) return std::unexpected(std::move(checked.error()));
  return Selection{*part, std::move(*sliced)};
}

/// The output of a part. What is wrong while it is written is named by its path in the object, not in the part.
class PartOutput final : public ObjectOutput {
 public:
  PartOutput(std::unique_ptr<ObjectOutput> output, core::Path at, std::uint64_t stored_bytes)
      : output_(std::move(output)), at_(std::move(at)), stored_bytes_(stored_bytes) {}

  std::optional<std::uint64_t> size_bytes() const override { return output_->size_bytes(); }
  std::uint64_t size_hint_bytes() const override { return size_bytes().value_or(stored_bytes_); }
  Status advance() override {
    Status advanced = output_->advance();
    if (!advanced && advanced.error().path) prepend_to(*advanced.error().path);
    return advanced;
  }
  bool done() const override { return output_->done(); }
  bool is_zero_copy() const override { return output_->is_zero_copy(); }

 private:
  void prepend_to(std::string& path) const {
    const std::string at = core::to_string(at_);
    const bool joins = at.empty() || path.empty() || path.starts_with('[');
    path = at + (joins ? "" : ".") + path;
  }

  const std::unique_ptr<ObjectOutput> output_;
  const core::Path at_;
  const std::uint64_t stored_bytes_;  // of the part, in the canonical bytes
};

/// In a format that is written by events.
template <class Writer>
class EventOutput final : public ObjectOutput {
 public:
  EventOutput(Writer writer, const core::ProducerFactory& events)
      : writer_(std::move(writer)), events_(events(writer_)) {}

  Status advance() override {
    if (Status advanced = events_->advance(); !advanced || !events_->done()) return advanced;
    done_ = true;
    return writer_.finish();
  }
  bool done() const override { return done_; }

 private:
  Writer writer_;
  const std::unique_ptr<core::EventProducer> events_;
  bool done_ = false;
};

/// What is to be written, in the form that each format takes.
struct Content {
  core::ProducerFactory events;
  std::function<Result<OutputTensor>()> tensor;  // that it is
  /// That it holds; what is a tensor itself is called `name`.
  std::function<Result<OutputTensors>(std::string_view name)> tensors;
  core::Budget* budget;  // of the request
};

Result<std::unique_ptr<ObjectOutput>> write_content(const Content& content, ObjectFormat format, bool referenced,
                                                    ByteSink& out, const OutputLimits& limits) {
  switch (format) {
    case ObjectFormat::automatic:
    case ObjectFormat::binary:
    case ObjectFormat::ascii:
    case ObjectFormat::b32:
      if (!referenced) return in_memory_output(content.events, format, out, limits, *content.budget);
      return std::make_unique<EventOutput<core::EventWriter>>(core::EventWriter(*torch_format_of(format), out),
                                                              content.events);
    case ObjectFormat::json: return std::make_unique<EventOutput<JsonWriter>>(JsonWriter(out), content.events);
    case ObjectFormat::plain_json: return in_memory_output(content.events, format, out, limits, *content.budget);
    case ObjectFormat::npy: {
      Result<OutputTensor> tensor = content.tensor();
      if (!tensor) return std::unexpected(std::move(tensor.error()));
      return npy_output(std::move(*tensor), out);
    }
    case ObjectFormat::npz: {
      Result<OutputTensors> tensors = content.tensors("arr_0");  // what numpy.savez calls it
      if (!tensors) return std::unexpected(std::move(tensors.error()));
      return npz_output(std::move(*tensors), out);
    }
    case ObjectFormat::safetensors: {
      Result<OutputTensors> tensors = content.tensors("tensor");
      if (!tensors) return std::unexpected(std::move(tensors.error()));
      return safetensors_output(std::move(*tensors), out);
    }
  }
  std::unreachable();
}

/// The events of a new tensor, of Torch's class if it has one.
std::unique_ptr<core::EventProducer> tensor_events(Dtype dtype, core::Device device, std::vector<std::int64_t> sizes,
                                                   std::vector<core::ConcatenatedTensors::Item> items,
                                                   core::EventSink& sink) {
  core::ConcatenatedTensors elements(std::move(items));
  const auto type = element_type_of(dtype);
  if (!type || sizes.empty()) {
    return std::make_unique<ArrayProducer>(ArrayDescriptor{.dtype = dtype, .shape = std::move(sizes)},
                                           std::move(elements), sink);
  }
  return std::make_unique<core::TensorEvents>(core::TensorClass{*type, device}, std::move(sizes), std::move(elements),
                                              sink);
}

core::Device device_of(const core::OutlinePart& part) {
  return part.kind == core::PartKind::tensor ? part.tensor_class.device : core::Device::cpu;
}

core::ProducerFactory events_of(ObjectParts& object, const Selection& selection) {
  return [&object, selection](core::EventSink& sink) -> std::unique_ptr<core::EventProducer> {
    if (!selection.sliced) {
      return std::make_unique<core::PartReader>(object.source(), object.finder(), object.classes(), *selection.part,
                                                sink);
    }
    const NamedTensor& tensor = *selection.sliced;
    if (tensor.elements.sizes.empty()) {  // a tensor of Torch's without dimensions stays one
      return std::make_unique<core::TensorEvents>(selection.part->tensor_class, tensor.elements.sizes,
                                                  core::ConcatenatedTensors({}), sink);
    }
    return tensor_events(tensor.dtype, device_of(*selection.part), tensor.shape, {{&object.source(), tensor.elements}},
                         sink);
  };
}

OutputTensor named(ObjectParts& object, NamedTensor leaf) {
  return {.name = std::move(leaf.name),
          .dtype = leaf.dtype,
          .shape = std::move(leaf.shape),
          .elements = {{&object.source(), std::move(leaf.elements)}}};
}

Result<NamedTensor> named_tensor(ObjectParts& object, const Selection& selection, const OutputLimits& limits) {
  if (selection.sliced) return *selection.sliced;
  WholeParts whole_parts(object);
  Result<NamedTensor> leaf = tensor_of_part(object, selection.part, whole_parts);
  if (!leaf) return std::unexpected(std::move(leaf.error()));
  if (Status checked = check_written(object, leaf->elements.size_bytes(), limits); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return leaf;
}

Result<OutputTensor> selected_tensor(ObjectParts& object, const Selection& selection, const OutputLimits& limits) {
  Result<NamedTensor> leaf = named_tensor(object, selection, limits);
  if (!leaf) return std::unexpected(std::move(leaf.error()));
  return named(object, std::move(*leaf));
}

OutputTensors only(OutputTensor tensor, std::string_view name) {
  tensor.name = name;
  OutputTensors tensors;
  tensors.tensors.push_back(std::move(tensor));
  return tensors;
}

Result<OutputTensors> selected_tensors(ObjectParts& object, const Selection& selection, const core::Path& path,
                                       std::string_view name, const OutputLimits& limits) {
  if (is_tensor_part(*selection.part)) {
    Result<OutputTensor> tensor = selected_tensor(object, selection, limits);
    if (!tensor) return std::unexpected(std::move(tensor.error()));
    return only(std::move(*tensor), name);
  }
  Result<CollectedTensors> collected = collect_tensors(object, selection.part, path);
  if (!collected) return std::unexpected(std::move(collected.error()));
  OutputTensors tensors{.tensors = {}, .metadata = std::move(collected->metadata), .held = std::move(collected->held)};
  tensors.tensors.reserve(collected->tensors.size());
  std::uint64_t bytes = 0;
  for (NamedTensor& leaf : collected->tensors) {
    bytes += leaf.elements.size_bytes();
    if (Status checked = check_written(object, bytes, limits); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    tensors.tensors.push_back(named(object, std::move(leaf)));
  }
  return tensors;
}

}  // namespace

Result<SelectedTensor> select_tensor(ObjectParts& object, const OutputPlan& plan, const OutputLimits& limits) {
  Result<Selection> selection = select(object, plan, limits);
  if (!selection) return std::unexpected(std::move(selection.error()));
  const core::OutlinePart& part = *selection->part;
  if (!is_tensor_part(part)) {
    return core::fail(ErrorCode::unrepresentable,
                      "only tensors stack, and this part is " + core::with_article(name_of(part.kind)));
  }
  Result<NamedTensor> tensor = named_tensor(object, *selection, limits);
  if (!tensor) return std::unexpected(std::move(tensor.error()));
  return SelectedTensor{.tensor = std::move(*tensor), .device = device_of(part)};
}

std::unique_ptr<ObjectOutput> begin_whole_output(core::ByteSource& source, const core::ClassLayouts& classes,
                                                 ObjectFormat format, ByteSink& out) {
  const core::ProducerFactory events = [&](core::EventSink& sink) {
    return std::make_unique<core::SourceReader>(source, 0, sink, core::ReadOptions{.classes = &classes});
  };
  if (format == ObjectFormat::json) return std::make_unique<EventOutput<JsonWriter>>(JsonWriter(out), events);
  return std::make_unique<EventOutput<core::EventWriter>>(core::EventWriter(*torch_format_of(format), out), events);
}

Result<std::unique_ptr<ObjectOutput>> begin_output(ObjectParts& object, const OutputPlan& plan, ByteSink& out,
                                                   const OutputLimits& limits) {
  const Result<Selection> selection = select(object, plan, limits);
  if (!selection) return std::unexpected(selection.error());
  const Content content{
      .events = events_of(object, *selection),
      .tensor = [&] { return selected_tensor(object, *selection, limits); },
      .tensors = [&](std::string_view name) { return selected_tensors(object, *selection, plan.path, name, limits); },
      .budget = &object.budget()};
  auto output = write_content(content, plan.format, plan.referenced, out, limits);
  if (!output && output.error().code == ErrorCode::unrepresentable && !output.error().path) {
    output.error().path = core::to_string(plan.path);
  }
  if (!output) return output;
  return std::make_unique<PartOutput>(std::move(*output), plan.path, selection->part->size_bytes);
}

Result<std::unique_ptr<ObjectOutput>> begin_stack_output(const TensorStack& stack, ObjectFormat format, ByteSink& out,
                                                         const OutputLimits& limits, core::Budget& budget) {
  const auto events = [&stack](core::EventSink& sink) -> std::unique_ptr<core::EventProducer> {
    return tensor_events(stack.dtype, stack.device, stack.sizes, stack.items, sink);
  };
  const auto tensor = [&stack]() -> Result<OutputTensor> {
    return OutputTensor{.name = {}, .dtype = stack.dtype, .shape = stack.sizes, .elements = stack.items};
  };
  const auto tensors = [&tensor](std::string_view name) -> Result<OutputTensors> { return only(*tensor(), name); };
  const Content content{.events = events, .tensor = tensor, .tensors = tensors, .budget = &budget};
  return write_content(content, format, true, out, limits);
}

}  // namespace sconce::proto
