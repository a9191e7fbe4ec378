#include "proto/formats/convert/tensor_output.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "proto/formats/arrays/npy.h"
#include "proto/formats/arrays/safetensors.h"
#include "proto/formats/npz/npz.h"

namespace sconce::proto {

namespace {

using core::ByteSink;
using core::Result;
using core::Status;

/// A text, and behind it the elements of tensors: npy, safetensors.
class TensorOutput final : public ObjectOutput {
 public:
  TensorOutput(std::string head, core::ConcatenatedTensors elements, core::Held held, ByteSink& out)
      : head_(std::move(head)),
        elements_(std::move(elements)),
        held_(std::move(held)),
        out_(out),
        size_bytes_(head_.size() + elements_.size_bytes()) {}

  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }

  Status advance() override {
    if (!std::exchange(begun_, true)) return out_.write(std::as_bytes(std::span(head_)));
    const auto piece = elements_.next();
    if (!piece) return std::unexpected(piece.error());
    done_ = piece->empty();
    return done_ ? Status() : out_.write(*piece);
  }
  bool done() const override { return done_; }
  bool is_zero_copy() const override { return elements_.lies_in_runs(); }

 private:
  const std::string head_;
  core::ConcatenatedTensors elements_;
  const core::Held held_;
  ByteSink& out_;
  const std::uint64_t size_bytes_;
  bool begun_ = false;
  bool done_ = false;
};

/// Each tensor an npy in a zip.
class NpzOutput final : public ObjectOutput {
 public:
  NpzOutput(OutputTensors tensors, ByteSink& out)
      : tensors_(std::move(tensors.tensors)), held_(std::move(tensors.held)), writer_(out) {}

  Status advance() override {
    if (next_ == tensors_.size() && !elements_) {
      done_ = true;
      return writer_.finish();
    }
    if (!elements_) return begin_entry(tensors_[next_++]);
    const auto piece = elements_->next();
    if (!piece) return std::unexpected(piece.error());
    if (!piece->empty()) return writer_.write(*piece);
    elements_.reset();
    return {};
  }
  bool done() const override { return done_; }

 private:
  Status begin_entry(const OutputTensor& tensor) {
    const Result<std::string> head = npy_header(tensor.dtype, tensor.shape);
    if (!head) return std::unexpected(head.error());
    elements_.emplace(tensor.elements);
    if (Status begun = writer_.begin(tensor.name, head->size() + elements_->size_bytes()); !begun) return begun;
    return writer_.write(std::as_bytes(std::span(*head)));
  }

  const std::vector<OutputTensor> tensors_;
  const core::Held held_;
  NpzWriter writer_;
  std::size_t next_ = 0;
  std::optional<core::ConcatenatedTensors> elements_;
  bool done_ = false;
};

/// What cannot be said has to be known before the first byte is sent.
Status check_npz_entries(const std::vector<OutputTensor>& tensors) {
  core::CountingSink nowhere;
  NpzWriter writer(nowhere);
  for (const OutputTensor& tensor : tensors) {
    const Result<std::string> head = npy_header(tensor.dtype, tensor.shape);
    if (!head) return std::unexpected(head.error());
    if (Status begun = writer.begin(tensor.name, 0); !begun) return begun;
  }
  return {};
}

core::ConcatenatedTensors elements_of(std::vector<OutputTensor> tensors) {
  std::vector<core::ConcatenatedTensors::Item> items;
  for (OutputTensor& tensor : tensors) std::ranges::move(tensor.elements, std::back_inserter(items));
  return core::ConcatenatedTensors(std::move(items));
}

}  // namespace

Result<std::unique_ptr<ObjectOutput>> npy_output(OutputTensor tensor, ByteSink& out) {
  Result<std::string> head = npy_header(tensor.dtype, tensor.shape);
  if (!head) return std::unexpected(std::move(head.error()));
  std::vector<OutputTensor> tensors;
  tensors.push_back(std::move(tensor));
  return std::make_unique<TensorOutput>(std::move(*head), elements_of(std::move(tensors)), core::Held(), out);
}

Result<std::unique_ptr<ObjectOutput>> safetensors_output(OutputTensors tensors, ByteSink& out) {
  std::vector<NamedTensor> leaves;
  leaves.reserve(tensors.tensors.size());
  for (OutputTensor& tensor : tensors.tensors) {
    leaves.push_back(
        {.name = std::move(tensor.name), .dtype = tensor.dtype, .shape = std::move(tensor.shape), .elements = {}});
  }
  Result<std::string> head = safetensors_header(leaves, tensors.metadata);
  if (!head) return std::unexpected(std::move(head.error()));
  if (Status held = tensors.held.add(head->size()); !held) return std::unexpected(std::move(held.error()));
  auto elements = elements_of(std::move(tensors.tensors));
  return std::make_unique<TensorOutput>(std::move(*head), std::move(elements), std::move(tensors.held), out);
}

Result<std::unique_ptr<ObjectOutput>> npz_output(OutputTensors tensors, ByteSink& out) {
  if (!tensors.metadata.empty()) {
    return core::fail(core::ErrorCode::unrepresentable,
                      "npz holds tensors, and not the strings of " + std::string(kSafetensorsMetadataKey));
  }
  if (Status checked = check_npz_entries(tensors.tensors); !checked) return std::unexpected(std::move(checked.error()));
  return std::make_unique<NpzOutput>(std::move(tensors), out);
}

}  // namespace sconce::proto
