#pragma once

// The steps of ReaderMachine; included by reader_machine.h alone.

#include <algorithm>
#include <limits>

#include "core/numbers/lua_number.h"
#include "core/torch7/reader_machine.h"

namespace sconce::core {

template <class Scalars>
Read ReaderMachine<Scalars>::advance(Cursor& cursor) {
  switch (step_) {
    case Step::tag: return read_tag(cursor);
    case Step::payload_tag: return read_payload_tag(cursor);
    case Step::field_tag: return read_field_tag(cursor);
    case Step::suspect_tag: return read_suspect_tag(cursor);
    case Step::count_tag: return read_count_tag(cursor);
    case Step::count_number: return read_count_number(cursor);
    case Step::number: return read_number(cursor);
    case Step::boolean: return read_boolean(cursor);
    case Step::string_length: return read_string_length(cursor);
    case Step::string_inline: return read_string_inline(cursor);
    case Step::string_rest: return read_string_rest(cursor);
    case Step::index: return read_index(cursor);
    case Step::table_count: return read_table_count(cursor);
    case Step::function_length: return read_function_length(cursor);
    case Step::function_code: return read_function_code(cursor);
    case Step::version_length: return read_header_length(cursor, Step::version);
    case Step::version: return read_version(cursor);
    case Step::name_length: return read_header_length(cursor, Step::name);
    case Step::name: return read_name(cursor);
    case Step::dimension_count: return read_dimension_count(cursor);
    case Step::sizes: return read_dimensions(cursor, stack_.top().sizes, Step::strides);
    case Step::strides: return read_dimensions(cursor, stack_.top().strides, Step::storage_offset);
    case Step::storage_offset: return read_storage_offset(cursor);
    case Step::storage_count: return read_storage_count(cursor);
    case Step::elements: return read_elements(cursor);
    case Step::next_op: return start_op(cursor);
    case Step::done: break;
  }
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_tag(Cursor& cursor) {
  std::int32_t tag = 0;
  const Read read = read_any_tag(cursor, tag);
  return read == Read::done ? accept_tag(tag) : read;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_any_tag(Cursor& cursor, std::int32_t& tag) {
  const Read read = take(scalars_.read_tag(cursor, tag), cursor);
  if (read != Read::done) return read;
  tag_offset_ = token_offset_;
  if (KeyLabel* key = key_being_read()) key->clear();
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::accept_tag(std::int32_t tag) {
  tag_ = tag;
  index_.reset();
  const bool in_tensor = at_storage();
  const bool can_have_index =
      tag == tag::kTable || tag == tag::kInstance || tag == tag::kFunction || tag == tag::kFunctionWithValues;
  if (in_tensor && tag != tag::kNil && !can_have_index) {
    return fail(ErrorCode::malformed, "a tensor's storage is a storage or nil, not tag " + std::to_string(tag));
  }
  switch (tag) {
    case tag::kNil:
      if (key_being_read() != nullptr) return fail(ErrorCode::malformed, "a table key is nil");
      if (in_tensor && check_storage_count(stack_.top(), 0) == Read::failed) return Read::failed;
      if (emit(event::Nil{}) == Read::failed) return Read::failed;
      return value_done();
    case tag::kNumber: step_ = Step::number; return Read::done;
    case tag::kString: step_ = Step::string_length; return Read::done;
    case tag::kBoolean: step_ = Step::boolean; return Read::done;
    case tag::kFunctionWithoutIndex: step_ = Step::function_length; return Read::done;
    case tag::kTable:
    case tag::kInstance:
    case tag::kFunctionWithValues:
    case tag::kFunction: step_ = Step::index; return Read::done;
    default: break;
  }
  return fail(ErrorCode::malformed, "an object begins with a tag from 0 to 8, not " + std::to_string(tag));
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_number(Cursor& cursor) {
  double number = 0;
  const Read read = take(scalars_.read_double(cursor, number), cursor);
  if (read != Read::done) return read;
  if (KeyLabel* key = key_being_read()) {
    if (number != number) return fail(ErrorCode::malformed, "a table key is NaN");
    key->set_number(number);
  }
  if (emit(event::Number{number}) == Read::failed) return Read::failed;
  return value_done();
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_boolean(Cursor& cursor) {
  std::int32_t wire = 0;
  const Read read = take(scalars_.read_int(cursor, wire), cursor);
  if (read != Read::done) return read;
  const event::Boolean boolean{wire};
  if (KeyLabel* key = key_being_read()) key->set_boolean(boolean.value());
  if (emit(boolean) == Read::failed) return Read::failed;
  return value_done();
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_string_length(Cursor& cursor) {
  std::int32_t length = 0;
  const Read read = take(scalars_.read_int(cursor, length), cursor);
  if (read != Read::done) return read;
  if (check_length(length, options_.limits.string_bytes_max, "string_bytes_max", "a string") == Read::failed)
    return Read::failed;
  if (KeyLabel* key = key_being_read()) key->begin_string();
  bytes_left_ = static_cast<std::uint64_t>(length);
  step_ = bytes_left_ <= kInlineStringBytesMax ? Step::string_inline : Step::string_rest;
  if (step_ == Step::string_inline) return Read::done;
  return emit(event::String{.size_bytes = bytes_left_, .bytes = {}});
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_string_inline(Cursor& cursor) {
  std::string_view bytes;
  const Read read = take(scalars_.read_bytes(cursor, bytes_left_, bytes), cursor);
  if (read != Read::done) return read;
  if (KeyLabel* key = key_being_read()) key->append(bytes);
  if (emit(event::String{.size_bytes = bytes_left_, .bytes = bytes}) == Read::failed) return Read::failed;
  return value_done();
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_string_rest(Cursor& cursor) {
  std::string_view bytes;
  const Read read = take(scalars_.read_some_bytes(cursor, bytes_left_, bytes), cursor);
  if (read != Read::done) return read;
  if (KeyLabel* key = key_being_read()) key->append(bytes);
  if (emit(event::Bytes{bytes}) == Read::failed) return Read::failed;
  bytes_left_ -= bytes.size();
  return bytes_left_ > 0 ? Read::done : value_done();
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_index(Cursor& cursor) {
  std::int32_t index = 0;
  const Read read = take(scalars_.read_int(cursor, index), cursor);
  if (read != Read::done) return read;
  if (KeyLabel* key = key_being_read()) key->set_index(index);
  if (options_.referenced && !defined_.insert(index)) return refer(index);
  if (check_remembered() == Read::failed) return Read::failed;
  return define(index);
}

template <class Scalars>
Read ReaderMachine<Scalars>::check_remembered() {
  if (defined_.kept() + storages_.size() <= options_.limits.indices_max) return Read::done;
  return fail(ErrorCode::limit_exceeded,
              "more indices to remember than the limit indices_max of " + std::to_string(options_.limits.indices_max) +
                  "; indices 1, 2, 3, … in the order of the bytes, as Torch writes them, need not be");
}

template <class Scalars>
Read ReaderMachine<Scalars>::refer(std::int32_t index) {
  const bool in_tensor = at_storage();
  if (in_tensor && check_storage_reference(index) == Read::failed) return Read::failed;
  in_payload_ = false;
  if (emit(event::Reference{.tag = tag_, .index = index}) == Read::failed) return Read::failed;
  paused_ = options_.pause_at_references;
  return value_done();
}

template <class Scalars>
Read ReaderMachine<Scalars>::define(std::int32_t index) {
  index_ = index;
  const bool in_tensor = at_storage();
  if (in_tensor && tag_ != tag::kInstance) {
    return fail(ErrorCode::malformed, "a tensor's storage is a storage or nil, not a table or function");
  }
  if (tag_ == tag::kTable) {
    step_ = Step::table_count;
  } else if (tag_ == tag::kInstance) {
    step_ = Step::version_length;
  } else {
    step_ = Step::function_length;
  }
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_table_count(Cursor& cursor) {
  std::int32_t count = 0;
  const Read read = take(scalars_.read_int(cursor, count), cursor);
  if (read != Read::done) return read;
  const auto pairs = static_cast<std::uint64_t>(std::max(count, 0));
  if (check_claim(pairs, Scalars::kPairMinimum, "pairs of a table") == Read::failed) return Read::failed;
  if (push(ReaderFrame::Kind::table) == Read::failed) return Read::failed;
  stack_.top().in_pairs = true;
  stack_.top().objects_left = 2 * pairs;
  if (emit(event::Table{.index = *index_, .count = count}) == Read::failed) return Read::failed;
  step_ = std::exchange(in_payload_, false) ? Step::field_tag : Step::tag;
  return pairs > 0 ? Read::done : end_frame();
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_function_length(Cursor& cursor) {
  std::int32_t length = 0;
  const Read read = take(scalars_.read_int(cursor, length), cursor);
  if (read != Read::done) return read;
  if (check_length(length, options_.limits.string_bytes_max, "string_bytes_max", "a function's code") == Read::failed) {
    return Read::failed;
  }
  if (push(ReaderFrame::Kind::function) == Read::failed) return Read::failed;
  bytes_left_ = static_cast<std::uint64_t>(length);
  step_ = bytes_left_ > 0 ? Step::function_code : Step::tag;
  return emit(event::Function{.tag = tag_, .index = index_, .size_bytes = bytes_left_});
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_function_code(Cursor& cursor) {
  std::string_view bytes;
  const Read read = take(scalars_.read_some_bytes(cursor, bytes_left_, bytes), cursor);
  if (read != Read::done) return read;
  bytes_left_ -= bytes.size();
  if (bytes_left_ == 0) step_ = Step::tag;
  return emit(event::Bytes{bytes});
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_header_length(Cursor& cursor, Step next) {
  std::int32_t length = 0;
  const Read read = take(scalars_.read_int(cursor, length), cursor);
  if (read != Read::done) return read;
  if (check_length(length, options_.limits.class_name_bytes_max, "class_name_bytes_max", "a class header") ==
      Read::failed) {
    return Read::failed;
  }
  bytes_left_ = static_cast<std::uint64_t>(length);
  step_ = next;
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_version(Cursor& cursor) {
  std::string_view bytes;
  const Read read = take(scalars_.read_bytes(cursor, bytes_left_, bytes), cursor);
  if (read != Read::done) return read;
  if (!bytes.starts_with("V ") || !is_lua_number(bytes.substr(2))) return start_instance(std::nullopt, bytes);
  version_ = bytes;
  step_ = Step::name_length;
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_name(Cursor& cursor) {
  std::string_view bytes;
  const Read read = take(scalars_.read_bytes(cursor, bytes_left_, bytes), cursor);
  if (read != Read::done) return read;
  return start_instance(version_, bytes);
}

}  // namespace sconce::core

#include "core/torch7/reader_machine_arrays.h"
#include "core/torch7/reader_machine_classes.h"
#include "core/torch7/reader_machine_flow.h"
