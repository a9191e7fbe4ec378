#include "core/torch7/object_parser.h"

#include <limits>
#include <utility>

#include "core/event/geometry.h"

// Tensors, storages, and the elements of both and of declared classes.

namespace sconce::core {

ReadStatus ObjectParser::on_dimension_count(std::int32_t count) {
  if (count < 0) return fail(ErrorCode::malformed, "a tensor has " + std::to_string(count) + " dimensions");
  if (count > options_.limits.dimensions_max) {
    return fail(ErrorCode::limit_exceeded, "a tensor has " + std::to_string(count) +
                                               " dimensions, more than the limit dimensions_max of " +
                                               std::to_string(options_.limits.dimensions_max));
  }
  stack_.top().sizes.assign(static_cast<std::size_t>(count), 0);
  stack_.top().strides.assign(static_cast<std::size_t>(count), 0);
  dimensions_read_ = 0;
  step_ = count > 0 ? Step::sizes : Step::storage_offset;
  return ReadStatus::complete;
}

/// `dimensions` are the sizes or strides; the next of them has been read.
ReadStatus ObjectParser::on_dimension(std::span<const std::int64_t> dimensions, Step next) {
  const std::int64_t size = dimensions[dimensions_read_];
  if (step_ == Step::sizes && size < 0) {
    return fail(ErrorCode::malformed, "a tensor has the size " + std::to_string(size) + " in dimension " +
                                          std::to_string(dimensions_read_ + 1));
  }
  if (++dimensions_read_ < dimensions.size()) return ReadStatus::complete;
  dimensions_read_ = 0;
  step_ = next;
  return ReadStatus::complete;
}

ReadStatus ObjectParser::on_storage_offset() {
  const ReaderFrame& frame = stack_.top();
  step_ = Step::tag;
  return emit(event::Tensor{.tensor_class = frame.tensor_class,
                            .sizes = frame.sizes,
                            .strides = frame.strides,
                            .offset = frame.storage_offset});
}

ReadStatus ObjectParser::on_storage_count(std::int64_t count, MinimumBytes element) {
  ReaderFrame& frame = stack_.top();
  if (count < 0) return fail(ErrorCode::malformed, "a storage has " + std::to_string(count) + " elements");
  const auto width = static_cast<std::int64_t>(size_bytes_of(frame.tensor_class.type));
  if (count > std::numeric_limits<std::int64_t>::max() / width) {
    return fail(ErrorCode::malformed, "a storage of " + std::to_string(count) + " elements is larger than any memory");
  }
  if (check_claim(static_cast<std::uint64_t>(count), element, "elements of a storage") == ReadStatus::failed)
    return ReadStatus::failed;
  const TensorClass tensor_class = frame.tensor_class;
  if (options_.referenced) storages_.insert(*index_, {tensor_class, count});
  if (check_remembered() == ReadStatus::failed) return ReadStatus::failed;
  const ReaderFrame* tensor = stack_.below_top();
  if (tensor != nullptr && tensor->kind == ReaderFrame::Kind::tensor &&
      check_storage_count(*tensor, count) == ReadStatus::failed) {
    return ReadStatus::failed;
  }
  if (emit(event::Storage{.tensor_class = tensor_class, .count = count}) == ReadStatus::failed)
    return ReadStatus::failed;
  return start_elements(tensor_class.type, count);
}

ReadStatus ObjectParser::check_storage_class(TensorClass tensor_class) {
  const TensorClass expected = stack_.top().tensor_class;
  if (tensor_class == expected) return ReadStatus::complete;
  return fail(ErrorCode::malformed, "the storage of a " + tensor_name_of(expected) + " is a " +
                                        storage_name_of(expected) + ", not a " + storage_name_of(tensor_class));
}

ReadStatus ObjectParser::check_storage_count(const ReaderFrame& tensor, std::int64_t count) {
  Status fits = check_geometry(tensor.sizes, tensor.strides, tensor.storage_offset, count);
  if (fits) return ReadStatus::complete;
  return fail(fits.error().code, std::move(fits.error().what));
}

ReadStatus ObjectParser::check_storage_reference(std::int32_t index) {
  if (index >= 1 && index <= options_.indices_before) return ReadStatus::complete;
  const SeenStorage* storage = storages_.find(index);
  if (storage == nullptr) {
    return fail(ErrorCode::malformed,
                "a tensor's storage is a storage or nil, but index " + std::to_string(index) + " is neither");
  }
  if (check_storage_class(storage->tensor_class) == ReadStatus::failed) return ReadStatus::failed;
  return check_storage_count(stack_.top(), storage->count);
}

ReadStatus ObjectParser::on_elements(std::span<const std::byte> elements) {
  ReaderFrame& frame = stack_.top();
  if (emit(event::Elements{.type = element_type_, .bytes = elements}) == ReadStatus::failed) return ReadStatus::failed;
  if (frame.kind == ReaderFrame::Kind::declared) frame.payload.elements(element_type_, elements);
  elements_left_ -= elements.size() / size_bytes_of(element_type_);
  return elements_left_ > 0 ? ReadStatus::complete : finish_array();
}

ReadStatus ObjectParser::start_elements(ElementType type, std::int64_t count) {
  element_type_ = type;
  elements_left_ = static_cast<std::uint64_t>(count);
  step_ = Step::elements;
  return elements_left_ > 0 ? ReadStatus::complete : finish_array();
}

/// The last element has been read.
ReadStatus ObjectParser::finish_array() {
  if (stack_.top().kind == ReaderFrame::Kind::storage) return end_frame();
  step_ = Step::next_op;
  return ReadStatus::complete;
}

Status ObjectParser::pass_over_elements() {
  consumed_ += elements_ahead_bytes();
  position_offset_ = consumed_;
  elements_left_ = 0;
  if (finish_array() == ReadStatus::failed) return std::unexpected(*error_);
  return {};
}

}  // namespace sconce::core
