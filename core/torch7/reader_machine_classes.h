#pragma once

// Instances of classes, declared and undeclared: the steps of ReaderMachine that follow their payloads; included by
// reader_machine_steps.h alone.

#include <ranges>

#include "core/classes/declared_payload.h"
#include "core/classes/known_classes.h"
#include "core/classes/shown_class_name.h"
#include "core/torch7/reader_machine.h"

namespace sconce::core {

/// Whether the layout of this class is not a declared one.
inline bool is_built_in(const ClassLayout& layout, std::optional<std::string_view> version, std::string_view name) {
  return &layout == find_built_in(name, version) || &layout == built_in_layouts().find_prefix(name, version);
}

template <class Scalars>
Read ReaderMachine<Scalars>::start_instance(std::optional<std::string_view> version, std::string_view name) {
  using Kind = ReaderFrame::Kind;
  const auto tensor = tensor_class_from_name(name);
  const auto storage = tensor ? std::nullopt : storage_class_from_name(name);
  const bool in_tensor = at_storage();
  if (in_tensor && !storage)
    return fail(ErrorCode::malformed, "a tensor's storage is a storage or nil, not a " + std::string(name));
  if (in_tensor && check_storage_class(*storage) == Read::failed) return Read::failed;
  const ClassLayout* layout = tensor || storage ? nullptr : options_.classes->find(name, version);
  const Kind kind = tensor              ? Kind::tensor
                    : storage           ? Kind::storage
                    : layout != nullptr ? Kind::declared
                                        : Kind::undeclared;
  if (kind == Kind::undeclared && is_named_as_tensor(name)) {
    return fail(ErrorCode::malformed, "the class " + std::string(name) +
                                          " is no tensor or storage that is known, and such a class never writes one "
                                          "object: declare what it writes with --classes");
  }
  if (push(kind) == Read::failed) return Read::failed;
  ReaderFrame& frame = stack_.top();
  if (tensor || storage) frame.tensor_class = tensor ? *tensor : *storage;
  if (layout != nullptr) frame.progress.begin(*layout);
  if (kind == Kind::undeclared || kind == Kind::declared)
    begin_class(frame, name, layout != nullptr && is_built_in(*layout, version, name));
  step_ = tensor              ? Step::dimension_count
          : storage           ? Step::storage_count
          : layout != nullptr ? Step::next_op
                              : Step::payload_tag;
  return emit(event::Instance{.index = *index_, .header = {.version = version, .name = name}});
}

/// Notes how the payload is read, for an error that this may cause.
template <class Scalars>
void ReaderMachine<Scalars>::begin_class(ReaderFrame& frame, std::string_view name, bool built_in) {
  const bool is_declared = frame.kind == ReaderFrame::Kind::declared;
  frame.class_name = name;
  frame.is_plain = !is_declared && is_known_plain(name);
  frame.is_suspect = false;
  if (!is_declared && !frame.is_plain) {
    undeclared_.add(name, tag_offset_);
    known_.read_as = KnownInstance::ReadAs::none;
    return;
  }
  known_.name = name;
  known_.offset = tag_offset_;
  if (frame.is_plain) known_.read_as = KnownInstance::ReadAs::fields;
  else known_.read_as = built_in ? KnownInstance::ReadAs::built_in : KnownInstance::ReadAs::declared;
}

/// Begins the next operation of a declared class, or ends it. Reads nothing.
template <class Scalars>
Read ReaderMachine<Scalars>::start_op(Cursor&) {
  ReaderFrame& frame = stack_.top();
  const LayoutOp* op = frame.progress.next();
  if (op == nullptr) return end_frame();
  token_offset_ = position_offset_;  // where it would begin: what was read last may have come in pieces
  const std::int64_t count = frame.progress.count();
  if (count == LayoutProgress::kNoCount) return fail(ErrorCode::malformed, "a count of a declared class is no count");
  if (count < 0) return fail(ErrorCode::malformed, "a count of a declared class is " + std::to_string(count));
  switch (op->kind) {
    case LayoutOp::Kind::scalars: return start_array(op->type, count, "scalars of a declared class");
    case LayoutOp::Kind::objects: return start_objects(count, false);
    case LayoutOp::Kind::pairs: return start_objects(count, true);
    case LayoutOp::Kind::group: break;
  }
  // Each round writes something, if only one byte.
  if (check_claim(static_cast<std::uint64_t>(count), {1, 0}, "rounds of a declared class") == Read::failed)
    return Read::failed;
  frame.progress.enter_group();
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::start_objects(std::int64_t count, bool pairs) {
  ReaderFrame& frame = stack_.top();
  const auto minimum = pairs ? Scalars::kPairMinimum : Scalars::kObjectMinimum;
  if (check_claim(static_cast<std::uint64_t>(count), minimum, "objects of a declared class") == Read::failed)
    return Read::failed;
  if (pairs && count > std::numeric_limits<std::int64_t>::max() / 2) {
    return fail(ErrorCode::malformed, "a declared class has " + std::to_string(count) + " pairs");
  }
  const LayoutOp& op = *frame.progress.next();
  frame.in_pairs = pairs;
  frame.in_list = !pairs && op.count.from.has_value();
  frame.key.clear();
  if (frame.in_list) frame.key.set_number(1);
  frame.objects_left = static_cast<std::uint64_t>(count) * (pairs ? 2 : 1);
  step_ = op.is_count ? Step::count_tag : Step::tag;
  return count == 0 ? finish_array() : Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_count_tag(Cursor& cursor) {
  std::int32_t tag = 0;
  const Read read = read_any_tag(cursor, tag);
  if (read != Read::done) return read;
  if (tag != tag::kNumber) {
    return fail(ErrorCode::malformed, "a count of a declared class is a number, not tag " + std::to_string(tag));
  }
  step_ = Step::count_number;
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::read_count_number(Cursor& cursor) {
  double number = 0;
  const Read read = take(scalars_.read_double(cursor, number), cursor);
  if (read != Read::done) return read;
  stack_.top().progress.set_count(number);
  if (emit(event::Number{number}) == Read::failed) return Read::failed;
  return value_done();
}

/// What an undeclared class wrote begins: nearly always a table.
template <class Scalars>
Read ReaderMachine<Scalars>::read_payload_tag(Cursor& cursor) {
  std::int32_t tag = 0;
  const Read read = read_any_tag(cursor, tag);
  if (read != Read::done) return read;
  in_payload_ = tag == tag::kTable;
  if (!in_payload_) suspect(stack_.top());
  return accept_tag(tag);
}

/// The first key of a table that an undeclared class wrote: nearly always the name of a field.
template <class Scalars>
Read ReaderMachine<Scalars>::read_field_tag(Cursor& cursor) {
  std::int32_t tag = 0;
  const Read read = read_any_tag(cursor, tag);
  if (read != Read::done) return read;
  if (tag != tag::kString) suspect(*stack_.below_top());
  return accept_tag(tag);
}

/// A class that wrote more or less than one object shifts what follows, so that what is a value stands where a key
/// should.
template <class Scalars>
Read ReaderMachine<Scalars>::read_suspect_tag(Cursor& cursor) {
  std::int32_t tag = 0;
  const Read read = read_any_tag(cursor, tag);
  if (read != Read::done) return read;
  const bool is_scalar = tag == tag::kNil || tag == tag::kNumber || tag == tag::kString || tag == tag::kBoolean;
  if (!is_scalar && key_being_read() != nullptr) {
    const std::string_view what = tag == tag::kTable ? "a table" : tag == tag::kInstance ? "an instance" : "tag ";
    const std::string number = what == "tag " ? std::to_string(tag) : std::string();
    return fail(ErrorCode::malformed, std::string(what) + number + " stands where a key is expected");
  }
  return accept_tag(tag);
}

template <class Scalars>
void ReaderMachine<Scalars>::suspect(ReaderFrame& frame) {
  frame.is_suspect = true;
  undeclared_.suspect(frame.class_name, frame.offset);
}

/// Which class it may be that wrote something else than one object, so that what follows makes no sense.
template <class Scalars>
std::string ReaderMachine<Scalars>::undeclared_note() const {
  for (std::size_t i = stack_.depth(); i > 0; --i) {
    const ReaderFrame& frame = stack_.open()[i - 1];
    if (frame.kind != ReaderFrame::Kind::undeclared || frame.is_plain) continue;
    return undeclared_.note(frame.class_name, frame.offset);
  }
  return undeclared_.note({}, std::nullopt);
}

/// The same for classes whose payload is known, or declared: another version of the class may have written it.
template <class Scalars>
std::string ReaderMachine<Scalars>::known_note() const {
  using ReadAs = typename KnownInstance::ReadAs;
  const auto at_byte = [](std::string_view name, std::uint64_t offset) {
    return shown_class_name(name) + " at byte " + std::to_string(offset);
  };
  std::string note;
  for (const ReaderFrame& frame : stack_.open() | std::views::reverse) {
    if (frame.kind != ReaderFrame::Kind::declared) continue;
    if (frame.offset != known_.offset)
      note = "; the class " + at_byte(frame.class_name, frame.offset) + " is not complete by its layout";
    break;
  }
  if (known_.read_as == ReadAs::none) return note;
  note += "; the class " + at_byte(known_.name, known_.offset) + ", the last one, was read ";
  switch (known_.read_as) {
    case ReadAs::none: break;
    case ReadAs::fields: note += "as one object, the table of its fields"; break;
    case ReadAs::built_in: note += "by its built-in layout"; break;
    case ReadAs::declared:
      return note + "by its declared layout: if it wrote something else, correct that in --classes";
  }
  return note + ": if it wrote something else, declare its layout with --classes";
}

}  // namespace sconce::core
