#include "proto/tensor_output.h"

#include <utility>

#include "proto/npy.h"
#include "proto/npz.h"
#include "proto/safetensors.h"

namespace sconce::proto {

namespace {

using core::ByteSink;
using core::ErrorCode;
using core::Result;
using core::Status;

/// A text, and behind it the elements of tensors: npy, safetensors.
class TensorOutput final : public ObjectOutput {
 public:
  TensorOutput(core::ByteSource& source, std::string head, std::vector<TensorLeaf> leaves, ByteSink& out)
      : source_(source), head_(std::move(head)), leaves_(std::move(leaves)), out_(out), size_bytes_(head_.size()) {
    for (const TensorLeaf& leaf : leaves_) size_bytes_ += leaf.elements.size_bytes();
  }

  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }

  Status advance() override {
    if (!head_.empty()) {
      const std::string head = std::exchange(head_, {});
      return out_.write(std::as_bytes(std::span(head)));
    }
    if (!elements_) elements_.emplace(source_, leaves_[leaf_].elements);
    const auto piece = elements_->next();
    if (!piece) return std::unexpected(piece.error());
    if (!piece->empty()) return out_.write(*piece);
    elements_.reset();
    leaf_ += 1;
    return {};
  }
  bool done() const override { return head_.empty() && leaf_ == leaves_.size(); }

 private:
  core::ByteSource& source_;
  std::string head_;  // never empty before it is written
  const std::vector<TensorLeaf> leaves_;
  ByteSink& out_;
  std::uint64_t size_bytes_;
  std::size_t leaf_ = 0;
  std::optional<core::ElementGather> elements_;
};

/// Each tensor an npy in a zip.
class NpzOutput final : public ObjectOutput {
 public:
  NpzOutput(core::ByteSource& source, std::vector<TensorLeaf> leaves, ByteSink& out)
      : source_(source), leaves_(std::move(leaves)), writer_(out) {}

  Status advance() override {
    if (leaf_ == leaves_.size()) {
      done_ = true;
      return writer_.finish();
    }
    if (!elements_) return begin_entry(leaves_[leaf_]);
    const auto piece = elements_->next();
    if (!piece) return std::unexpected(piece.error());
    if (!piece->empty()) return writer_.write(*piece);
    elements_.reset();
    leaf_ += 1;
    return {};
  }
  bool done() const override { return done_; }

 private:
  Status begin_entry(const TensorLeaf& leaf) {
    const Result<std::string> head = npy_header(leaf.dtype, leaf.shape);
    if (!head) return std::unexpected(head.error());
    if (Status begun = writer_.begin(leaf.name, head->size() + leaf.elements.size_bytes()); !begun) return begun;
    elements_.emplace(source_, leaf.elements);
    return writer_.write(std::as_bytes(std::span(*head)));
  }

  core::ByteSource& source_;
  const std::vector<TensorLeaf> leaves_;
  NpzWriter writer_;
  std::size_t leaf_ = 0;
  std::optional<core::ElementGather> elements_;
  bool done_ = false;
};

/// The text in front of the elements.
Result<std::string> head_of(ObjectFormat format, const TensorLeaves& leaves) {
  if (format == ObjectFormat::safetensors) return safetensors_header(leaves.leaves, leaves.metadata);
  return npy_header(leaves.leaves.front().dtype, leaves.leaves.front().shape);
}

/// What cannot be said has to be known before the first byte is sent.
Status check_entries(std::span<const TensorLeaf> leaves) {
  core::CountingSink nowhere;
  NpzWriter writer(nowhere);
  for (const TensorLeaf& leaf : leaves) {
    const Result<std::string> head = npy_header(leaf.dtype, leaf.shape);
    if (!head) return std::unexpected(head.error());
    if (Status begun = writer.begin(leaf.name, 0); !begun) return begun;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ObjectOutput>> begin_tensor_output(core::ByteSource& source, TensorLeaves leaves,
                                                          ObjectFormat format, ByteSink& out) {
  if (format != ObjectFormat::npz) {
    Result<std::string> head = head_of(format, leaves);
    if (!head) return std::unexpected(std::move(head.error()));
    return std::make_unique<TensorOutput>(source, std::move(*head), std::move(leaves.leaves), out);
  }
  if (!leaves.metadata.empty()) {
    return core::fail(ErrorCode::unrepresentable,
                      "npz holds tensors, and not the strings of " + std::string(kSafetensorsMetadataKey));
  }
  if (Status checked = check_entries(leaves.leaves); !checked) return std::unexpected(std::move(checked.error()));
  return std::make_unique<NpzOutput>(source, std::move(leaves.leaves), out);
}

}  // namespace sconce::proto
