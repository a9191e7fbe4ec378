#include "core/torch7/object_parser.h"

#include <utility>

// How the parser goes from part to part.

namespace sconce::core {

ReadStatus ObjectParser::on_tag(std::int32_t tag) {
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
      if (in_tensor && check_storage_count(stack_.top(), 0) == ReadStatus::failed) return ReadStatus::failed;
      if (emit(event::Nil{}) == ReadStatus::failed) return ReadStatus::failed;
      return value_done();
    case tag::kNumber: step_ = Step::number; return ReadStatus::complete;
    case tag::kString: step_ = Step::string_length; return ReadStatus::complete;
    case tag::kBoolean: step_ = Step::boolean; return ReadStatus::complete;
    case tag::kFunctionWithoutIndex: step_ = Step::function_length; return ReadStatus::complete;
    case tag::kTable:
    case tag::kInstance:
    case tag::kFunctionWithValues:
    case tag::kFunction: step_ = Step::index; return ReadStatus::complete;
    default: break;
  }
  return fail(ErrorCode::malformed, "an object begins with a tag from 0 to 8, not " + std::to_string(tag));
}

ReadStatus ObjectParser::on_index(std::int32_t index) {
  if (KeyLabel* key = key_being_read()) key->set_index(index);
  if (options_.referenced && !defined_.insert(index)) return refer(index);
  if (check_remembered() == ReadStatus::failed) return ReadStatus::failed;
  return define(index);
}

ReadStatus ObjectParser::refer(std::int32_t index) {
  const bool in_tensor = at_storage();
  if (in_tensor && check_storage_reference(index) == ReadStatus::failed) return ReadStatus::failed;
  in_payload_ = false;
  if (emit(event::Reference{.tag = tag_, .index = index}) == ReadStatus::failed) return ReadStatus::failed;
  paused_ = options_.pause_at_references;
  return value_done();
}

ReadStatus ObjectParser::define(std::int32_t index) {
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
  return ReadStatus::complete;
}

ReadStatus ObjectParser::check_remembered() {
  if (defined_.kept() + storages_.size() <= options_.limits.indices_max) return ReadStatus::complete;
  return fail(ErrorCode::limit_exceeded,
              "more indices to remember than the limit indices_max of " + std::to_string(options_.limits.indices_max) +
                  "; indices 1, 2, 3, … in the order of the bytes, as Torch writes them, need not be");
}

/// A value is complete: its frame goes on, and frames that were complete with it end.
ReadStatus ObjectParser::value_done() {
  step_ = Step::tag;
  if (stack_.empty()) {
    step_ = Step::done;
    return ReadStatus::complete;
  }
  return value_done_in_frame(stack_.top()) ? end_frame() : ReadStatus::complete;
}

/// Whether the frame is complete with this value.
bool ObjectParser::value_done_in_frame(ReaderFrame& frame) {
  switch (frame.kind) {
    case ReaderFrame::Kind::table: return --frame.objects_left == 0;
    case ReaderFrame::Kind::declared:
      if (frame.payload.object_done()) {
        frame.key.clear();
        step_ = Step::next_op;
      } else if (frame.payload.in_list()) {
        frame.key.set_number(static_cast<double>(frame.payload.position()));
      }
      return false;
    case ReaderFrame::Kind::function:
    case ReaderFrame::Kind::undeclared:
    case ReaderFrame::Kind::tensor:
    case ReaderFrame::Kind::storage: return true;
  }
  std::unreachable();
}

/// Ends the top frame, and every frame that was only waiting for it.
ReadStatus ObjectParser::end_frame() {
  bool suspect = false;
  for (;;) {
    if (emit(event::End{}) == ReadStatus::failed) return ReadStatus::failed;
    const ReaderFrame& frame = stack_.top();
    suspect = suspect || (frame.kind == ReaderFrame::Kind::undeclared && (frame.is_suspect || !frame.is_plain));
    stack_.pop();
    step_ = Step::tag;
    if (stack_.empty()) {
      step_ = Step::done;
      return ReadStatus::complete;
    }
    if (value_done_in_frame(stack_.top())) continue;
    if (suspect && options_.refuse_shifted && step_ == Step::tag) step_ = Step::suspect_tag;
    return ReadStatus::complete;
  }
}

ReadStatus ObjectParser::push(ReaderFrame::Kind kind) {
  if (stack_.depth() >= options_.limits.depth_max) {
    token_offset_ = tag_offset_;
    return fail(ErrorCode::limit_exceeded, "more containers inside one another than the limit depth_max of " +
                                               std::to_string(options_.limits.depth_max));
  }
  stack_.push(kind, tag_offset_);
  return ReadStatus::complete;
}

ReadStatus ObjectParser::emit(const Event& event) {
  Status taken = sink_.on(event);
  if (taken) return ReadStatus::complete;
  error_ = std::move(taken.error());
  if (!error_->offset) error_->offset = tag_offset_;
  if (!error_->path) error_->path = stack_.path();
  return ReadStatus::failed;
}

}  // namespace sconce::core
