#pragma once

// Tensors, storages and declared classes: the steps of ReaderMachine that read arrays; included by
// reader_machine_steps.h alone.

#include "core/classes/declared_payload.h"
#include "core/event/geometry.h"
#include "core/torch7/reader_machine.h"

namespace sconce::core {

template <class Scalars>
Read ReaderMachine<Scalars>::read_dimension_count(Cursor& cursor) {
  std::int32_t count = 0;
  const Read read = take(scalars_.read_int(cursor, count), cursor);
  if (read != Read::done) return read;
  if (count < 0) return fail(ErrorCode::malformed, "a tensor has " + std::to_string(count) + " dimensions");
  if (count > options_.limits.dimensions_max) {
    return fail(ErrorCode::limit_exceeded, "a tensor has " + std::to_string(count) +
                                               " dimensions, more than the limit dimensions_max of " +
                                               std::to_string(options_.limits.dimensions_max));
  }
  stack_.top().sizes.assign(static_cast<std::size_t>(count), 0);
  stack_.top().strides.assign(static_cast<std::size_t>(count), 0);
  array_count_ = 0;
  step_ = count > 0 ? Step::sizes : Step::storage_offset;
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_dimensions(Cursor& cursor, std::vector<std::int64_t>& into, Step next) {
  const Read read = take(scalars_.read_long(cursor, into[array_count_]), cursor);
  if (read != Read::done) return read;
  if (step_ == Step::sizes && into[array_count_] < 0) {
    return fail(ErrorCode::malformed, "a tensor has the size " + std::to_string(into[array_count_]) + " in dimension " +
                                          std::to_string(array_count_ + 1));
  }
  if (++array_count_ < into.size()) return Read::done;
  array_count_ = 0;
  step_ = next;
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_storage_offset(Cursor& cursor) {
  ReaderFrame& frame = stack_.top();
  const Read read = take(scalars_.read_long(cursor, frame.storage_offset), cursor);
  if (read != Read::done) return read;
  step_ = Step::tag;
  return emit(event::Tensor{.tensor_class = frame.tensor_class,
                            .sizes = frame.sizes,
                            .strides = frame.strides,
                            .offset = frame.storage_offset});
}

template <class Scalars>
Read ReaderMachine<Scalars>::check_storage_class(TensorClass tensor_class) {
  const TensorClass expected = stack_.top().tensor_class;
  if (tensor_class == expected) return Read::done;
  return fail(ErrorCode::malformed, "the storage of a " + tensor_name_of(expected) + " is a " +
                                        storage_name_of(expected) + ", not a " + storage_name_of(tensor_class));
}

template <class Scalars>
Read ReaderMachine<Scalars>::check_storage_count(const ReaderFrame& tensor, std::int64_t count) {
  Status fits = check_geometry(tensor.sizes, tensor.strides, tensor.storage_offset, count);
  if (fits) return Read::done;
  return fail(fits.error().code, std::move(fits.error().what));
}

template <class Scalars>
Read ReaderMachine<Scalars>::check_storage_reference(std::int32_t index) {
  if (index >= 1 && index <= options_.indices_before) return Read::done;
  const SeenStorage* storage = storages_.find(index);
  if (storage == nullptr) {
    return fail(ErrorCode::malformed,
                "a tensor's storage is a storage or nil, but index " + std::to_string(index) + " is neither");
  }
  if (check_storage_class(storage->tensor_class) == Read::failed) return Read::failed;
  return check_storage_count(stack_.top(), storage->count);
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_storage_count(Cursor& cursor) {
  std::int64_t count = 0;
  const Read read = take(scalars_.read_long(cursor, count), cursor);
  if (read != Read::done) return read;
  ReaderFrame& frame = stack_.top();
  if (count < 0) return fail(ErrorCode::malformed, "a storage has " + std::to_string(count) + " elements");
  const auto width = static_cast<std::int64_t>(size_bytes_of(frame.tensor_class.type));
  if (count > std::numeric_limits<std::int64_t>::max() / width) {
    return fail(ErrorCode::malformed, "a storage of " + std::to_string(count) + " elements is larger than any memory");
  }
  const auto minimum = scalars_.element_minimum(frame.tensor_class.type);
  if (check_claim(static_cast<std::uint64_t>(count), minimum, "elements of a storage") == Read::failed)
    return Read::failed;
  const TensorClass tensor_class = frame.tensor_class;
  if (options_.referenced) storages_.insert(*index_, {tensor_class, count});
  if (check_remembered() == Read::failed) return Read::failed;
  const ReaderFrame* tensor = stack_.below_top();
  if (tensor != nullptr && tensor->kind == ReaderFrame::Kind::tensor &&
      check_storage_count(*tensor, count) == Read::failed) {
    return Read::failed;
  }
  if (emit(event::Storage{.tensor_class = tensor_class, .count = count}) == Read::failed) return Read::failed;
  element_type_ = tensor_class.type;
  elements_left_ = array_count_ = static_cast<std::uint64_t>(count);
  step_ = Step::elements;
  return elements_left_ > 0 ? Read::done : finish_array();
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_elements(Cursor& cursor) {
  std::span<const std::byte> elements;
  const Read read = take(scalars_.read_elements(cursor, element_type_, elements_left_, elements), cursor);
  if (read != Read::done) return read;
  ReaderFrame& frame = stack_.top();
  if (frame.kind == ReaderFrame::Kind::declared && frame.progress.next()->is_count) {
    DeclaredPayload::set_count(element_type_, elements, frame.progress);
  }
  if (emit(event::Elements{.type = element_type_, .bytes = elements}) == Read::failed) return Read::failed;
  elements_left_ -= elements.size() / size_bytes_of(element_type_);
  return elements_left_ > 0 ? Read::done : finish_array();
}

/// The last element has been read.
template <class Scalars>
Read ReaderMachine<Scalars>::finish_array() {
  if (stack_.top().kind == ReaderFrame::Kind::storage) return end_frame();
  stack_.top().progress.op_done();
  step_ = Step::next_op;
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::start_array(ElementType type, std::int64_t count, std::string_view what) {
  if (count > std::numeric_limits<std::int64_t>::max() / 8) {
    return fail(ErrorCode::malformed, "an array of " + std::to_string(count) + " elements is larger than any memory");
  }
  if (check_claim(static_cast<std::uint64_t>(count), scalars_.element_minimum(type), what) == Read::failed)
    return Read::failed;
  if (emit(event::Scalars{.type = type, .count = count}) == Read::failed) return Read::failed;
  element_type_ = type;
  elements_left_ = array_count_ = static_cast<std::uint64_t>(count);
  step_ = Step::elements;
  return elements_left_ > 0 ? Read::done : finish_array();
}

}  // namespace sconce::core
