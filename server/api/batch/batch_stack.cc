// A batch get as one tensor.

#include <algorithm>
#include <utility>

#include "core/text/quote.h"
#include "server/api/batch/batch_items.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/representation_source.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using storage::RevisionReader;

constexpr std::size_t kItemsAtOnce = 64;

/// One tensor of the stack, and what it is read from.
struct Layer {
  std::shared_ptr<core::ByteSource> source;
  proto::Dtype dtype;
  core::Device device;
  std::vector<std::int64_t> shape;
  core::TensorView view;

  bool is_like(const Layer& other) const {
    return dtype == other.dtype && device == other.device && shape == other.shape;
  }
};

std::string describe(const Layer& layer) {
  const auto type = proto::element_type_of(layer.dtype);
  std::string text = type ? core::tensor_name_of({*type, layer.device})
                          : std::string(proto::kExtensionClass).append(" (").append(name_of(layer.dtype)) + ')';
  text += layer.shape.empty() ? " without dimensions" : " of ";
  for (std::size_t d = 0; d < layer.shape.size(); ++d) text += (d == 0 ? "" : "x") + std::to_string(layer.shape[d]);
  return text;
}

// A layer, and its places in what is made of the layers.
constexpr std::uint64_t kHeldOfALayer = 1024;
constexpr std::uint64_t kHeldOfADimension = 64;

core::Result<Layer> open_layer(const std::shared_ptr<RevisionReader>& reader, const BatchItem& item,
                               const ApiContext& context, const std::shared_ptr<RequestObjects>& request) {
  request->begin_item();
  auto object = open_parts(canonical_object(reader, request), context);
  if (!object) return std::unexpected(std::move(object.error()));
  auto selected = proto::select_tensor(**object, item.plan, limits_of(context));
  if (!selected) return std::unexpected(std::move(selected.error()));
  reader->release();
  (*object)->source().release();  // which is another reader where an item before was of the same object
  proto::NamedTensor& tensor = selected->tensor;
  return Layer{(*object)->shared_source(), tensor.dtype, selected->device, std::move(tensor.shape),
               std::move(tensor.elements)};
}

/// A stack, and all that it is read from.
class StackSource final : public BodySource {
 public:
  StackSource(std::shared_ptr<RequestObjects> request, core::Held held, std::vector<Layer> layers,
              proto::TensorStack stack)
      : request_(std::move(request)), held_(std::move(held)), layers_(std::move(layers)), stack_(std::move(stack)) {}

  core::Status begin(proto::ObjectFormat format, const ApiContext& context) {
    auto output = proto::begin_stack_output(stack_, format, out_, limits_of(context), *request_->budget());
    if (!output) return std::unexpected(std::move(output.error()));
    output_ = std::move(*output);
    return {};
  }

  std::optional<std::uint64_t> size_bytes() const override { return output_->size_bytes(); }
  bool takes_long() const override { return true; }
  std::uint64_t held_bytes() const override {
    std::uint64_t bytes = buffer_.capacity();
    for (const Layer& layer : layers_) bytes += layer.source->held_bytes();
    return bytes;
  }

  core::Result<std::span<const std::byte>> next() override {
    buffer_.clear();
    while (buffer_.size() < kPieceBytesMax / 4 && !output_->done()) {
      if (core::Status advanced = output_->advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    }
    return std::as_bytes(std::span(buffer_));
  }

 private:
  const std::shared_ptr<RequestObjects> request_;
  const core::Held held_;  // for the layers
  const std::vector<Layer> layers_;
  const proto::TensorStack stack_;
  std::string buffer_;
  core::StringSink out_{buffer_};
  std::unique_ptr<proto::ObjectOutput> output_;
};

/// Opens the items, and compares them with the first.
class StackBuilder {
 public:
  StackBuilder(const std::vector<BatchItem>& items, const ApiContext& context) : items_(items), context_(context) {}

  const std::shared_ptr<RequestObjects>& request() const { return request_; }
  core::Held take_held() { return std::move(held_); }

  HttpResult<std::vector<Layer>> open_all() {
    for (std::size_t place = 0; place < items_.size(); ++place) {
      if (items_[place].refusal) return refused(place, *items_[place].refusal);
    }
    for (std::size_t begin = 0; begin < items_.size(); begin += kItemsAtOnce) {
      const std::size_t end = std::min(items_.size(), begin + kItemsAtOnce);
      std::vector<std::string> keys;
      for (std::size_t i = begin; i < end; ++i) keys.push_back(items_[i].key);
      auto opened = context_.store.open_many(keys);
      for (std::size_t i = begin; i < end; ++i) {
        if (HttpResult<void> taken = take(i, std::move(opened[i - begin])); !taken) {
          return std::unexpected(std::move(taken.error()));
        }
      }
    }
    return std::move(layers_);
  }

 private:
  HttpResult<void> take(std::size_t place, core::Result<std::unique_ptr<RevisionReader>> opened) {
    const BatchItem& item = items_[place];
    if (!opened) return refused(place, stored_problem(context_.log, kBatchGet, opened.error()));
    if (*opened == nullptr) return refused(place, missing_problem());
    core::Result<Layer> layer = open_layer(std::move(*opened), item, context_, request_);
    if (layer) layer = held(std::move(*layer));
    if (!layer) return refused(place, stored_problem(context_.log, kBatchGet, layer.error()));
    if (!layers_.empty()) {
      const Layer& first = layers_.front();
      if (!layer->is_like(first)) {
        return refused(place, proto::problem_of({.code = core::ErrorCode::unrepresentable,
                                                 .what = "a " + describe(*layer) + " does not stack with a " +
                                                         describe(first) + ", which item 0 is"},
                                                proto::Subject::stored_object));
      }
    }
    layers_.push_back(std::move(*layer));
    return {};
  }

  core::Result<Layer> held(Layer layer) {
    const core::Status held =
        held_.add(kHeldOfALayer + kHeldOfADimension * (layer.shape.size() + layer.view.sizes.size()));
    if (!held) return std::unexpected(held.error());
    return layer;
  }

  std::unexpected<proto::Problem> refused(std::size_t place, proto::Problem problem) const {
    problem.detail =
        "item " + std::to_string(place) + ", " + core::in_backticks(items_[place].name) + ": " + problem.detail;
    return std::unexpected(std::move(problem));
  }

  const std::vector<BatchItem>& items_;
  const ApiContext& context_;
  const std::shared_ptr<RequestObjects> request_ = std::make_shared<RequestObjects>(*context_.memory);
  core::Held held_{*request_->budget()};  // for the layers
  std::vector<Layer> layers_;
};

}  // namespace

HttpResult<std::unique_ptr<BodySource>> stack_source(const std::vector<BatchItem>& items, const ApiContext& context) {
  StackBuilder builder(items, context);
  HttpResult<std::vector<Layer>> layers = builder.open_all();
  if (!layers) return std::unexpected(std::move(layers.error()));
  const Layer& first = layers->front();
  proto::TensorStack stack{
      .dtype = first.dtype, .device = first.device, .sizes = {static_cast<std::int64_t>(layers->size())}, .items = {}};
  stack.sizes.insert(stack.sizes.end(), first.shape.begin(), first.shape.end());
  for (const Layer& layer : *layers) stack.items.push_back({layer.source.get(), layer.view});
  auto source =
      std::make_unique<StackSource>(builder.request(), builder.take_held(), std::move(*layers), std::move(stack));
  if (const core::Status begun = source->begin(items.front().plan.format, context); !begun) {
    return std::unexpected(proto::problem_of(begun.error(), proto::Subject::stored_object));
  }
  return source;
}

}  // namespace sconce::server::api
