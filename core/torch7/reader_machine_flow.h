#pragma once

// How ReaderMachine goes from part to part, and how it stops; included by reader_machine_steps.h alone.

#include "core/torch7/reader_machine.h"

namespace sconce::core {

template <class Scalars>
Result<std::size_t> ReaderMachine<Scalars>::put(std::span<const std::byte> bytes, bool is_last) {
  if (error_) return std::unexpected(*error_);
  Cursor cursor(bytes, is_last);
  paused_ = false;
  while (step_ != Step::done && !paused_ && !at_paused_elements()) {
    const Read read = advance(cursor);
    if (read == Read::done) continue;
    if (read == Read::more && !is_last) break;
    if (read == Read::more) (void)stop(cursor);
    return std::unexpected(*error_);
  }
  if (step_ == Step::done) {
    const Status finished = finish(cursor);
    if (!finished) return std::unexpected(*error_);
  }
  const auto used = static_cast<std::size_t>(cursor.position - cursor.begin);
  consumed_ += used;
  return used;
}

template <class Scalars>
Status ReaderMachine<Scalars>::pass_over_elements() {
  consumed_ += elements_ahead_bytes();
  position_offset_ = consumed_;
  elements_left_ = 0;
  if (finish_array() == Read::failed) return std::unexpected(*error_);
  return {};
}

/// The object is complete: takes what belongs to it, and looks at what does not.
template <class Scalars>
Status ReaderMachine<Scalars>::finish(Cursor& cursor) {
  const std::byte* before = cursor.position;
  if (end_offset_ == 0 || consumed_ == end_offset_) scalars_.finish_object(cursor);
  if (end_offset_ == 0 || cursor.position != before) {
    end_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.position - cursor.begin);
  }
  if (options_.trailing == TrailingBytes::ignore) return {};
  scalars_.skip_trailing(cursor);
  if (cursor.position == cursor.end) return {};
  error_ = Error{.code = ErrorCode::trailing_bytes,
                 .what = "the object ends here, but more bytes follow" + undeclared_note() + known_note(),
                 .offset = end_offset_,
                 .path = ""};
  return std::unexpected(*error_);
}

/// The input ended inside the object.
template <class Scalars>
Status ReaderMachine<Scalars>::stop(const Cursor& cursor) {
  token_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.end - cursor.begin);
  fail(ErrorCode::truncated, token_offset_ == 0 ? "the input is empty" : "the input ends inside the object");
  return std::unexpected(*error_);
}

/// A value is complete: its frame goes on, and frames that were complete with it end.
template <class Scalars>
Read ReaderMachine<Scalars>::value_done() {
  step_ = Step::tag;
  if (stack_.empty()) {
    step_ = Step::done;
    return Read::done;
  }
  return value_done_in_frame(stack_.top()) ? end_frame() : Read::done;
}

/// Whether the frame is complete with this value.
template <class Scalars>
bool ReaderMachine<Scalars>::value_done_in_frame(ReaderFrame& frame) {
  switch (frame.kind) {
    case ReaderFrame::Kind::table: return --frame.objects_left == 0;
    case ReaderFrame::Kind::declared:
      --frame.objects_left;
      if (frame.in_list) {
        const std::int64_t count = frame.progress.count();
        frame.key.set_number(static_cast<double>(count - static_cast<std::int64_t>(frame.objects_left) + 1));
      }
      if (frame.objects_left > 0) return false;
      frame.key.clear();
      frame.in_pairs = frame.in_list = false;
      frame.progress.op_done();
      step_ = Step::next_op;
      return false;
    case ReaderFrame::Kind::function:
    case ReaderFrame::Kind::undeclared:
    case ReaderFrame::Kind::tensor:
    case ReaderFrame::Kind::storage: return true;
  }
  std::unreachable();
}

/// Ends the top frame, and every frame that was only waiting for it.
template <class Scalars>
Read ReaderMachine<Scalars>::end_frame() {
  bool suspect = false;
  for (;;) {
    if (emit(event::End{}) == Read::failed) return Read::failed;
    const ReaderFrame& frame = stack_.top();
    suspect = suspect || (frame.kind == ReaderFrame::Kind::undeclared && (frame.is_suspect || !frame.is_plain));
    stack_.pop();
    step_ = Step::tag;
    if (stack_.empty()) {
      step_ = Step::done;
      return Read::done;
    }
    if (value_done_in_frame(stack_.top())) continue;
    if (suspect && options_.refuse_shifted && step_ == Step::tag) step_ = Step::suspect_tag;
    return Read::done;
  }
}

template <class Scalars>
Read ReaderMachine<Scalars>::push(ReaderFrame::Kind kind) {
  if (stack_.depth() >= options_.limits.depth_max) {
    token_offset_ = tag_offset_;
    return fail(ErrorCode::limit_exceeded, "more containers inside one another than the limit depth_max of " +
                                               std::to_string(options_.limits.depth_max));
  }
  stack_.push(kind, tag_offset_);
  return Read::done;
}

template <class Scalars>
Read ReaderMachine<Scalars>::emit(const Event& event) {
  Status taken = sink_.on(event);
  if (taken) return Read::done;
  error_ = std::move(taken.error());
  if (!error_->offset) error_->offset = tag_offset_;
  if (!error_->path) error_->path = stack_.path();
  return Read::failed;
}

/// Notes where the primitive lies that was just read, and sets the error of one that cannot be read.
template <class Scalars>
Read ReaderMachine<Scalars>::take(Read read, const Cursor& cursor) {
  token_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.token - cursor.begin);
  position_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.position - cursor.begin);
  return read == Read::failed ? fail_primitive() : read;
}

template <class Scalars>
Read ReaderMachine<Scalars>::fail_primitive() {
  const ErrorCode code = scalars_.failed_by_limit() ? ErrorCode::limit_exceeded : ErrorCode::malformed;
  return fail(code, std::string(scalars_.failure()));
}

template <class Scalars>
Read ReaderMachine<Scalars>::fail(ErrorCode code, std::string what) {
  what += undeclared_note();
  if (code != ErrorCode::limit_exceeded) what += known_note();
  error_ = Error{.code = code, .what = std::move(what), .offset = token_offset_, .path = stack_.path()};
  return Read::failed;
}

template <class Scalars>
Read ReaderMachine<Scalars>::check_length(std::int32_t length, std::uint64_t length_max, std::string_view limit,
                                          std::string_view what) {
  if (length < 0) return fail(ErrorCode::malformed, std::string(what) + " has " + std::to_string(length) + " bytes");
  const auto size = static_cast<std::uint64_t>(length);
  if (size > length_max) {
    return fail(ErrorCode::limit_exceeded, std::string(what) + " has " + std::to_string(size) +
                                               " bytes, more than the limit " + std::string(limit) + " of " +
                                               std::to_string(length_max));
  }
  return check_claim(size, {1, 0}, "bytes of " + std::string(what));
}

template <class Scalars>
Read ReaderMachine<Scalars>::check_claim(std::uint64_t count, typename Scalars::Minimum minimum,
                                         std::string_view what) {
  if (!options_.input_bytes || count == 0) return Read::done;
  const std::uint64_t left = *options_.input_bytes - std::min(*options_.input_bytes, position_offset_);
  if (count <= (left + minimum.saved_once) / minimum.each) return Read::done;
  return fail(ErrorCode::truncated, "the input claims " + std::to_string(count) + " " + std::string(what) +
                                        ", but only " + std::to_string(left) + " bytes are left of it");
}

}  // namespace sconce::core
