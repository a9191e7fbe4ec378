#include "core/text/article.h"
#include "core/torch7/object_parser.h"

#include <limits>
#include <utility>

#include "core/classes/known_classes.h"

// Instances of classes, declared and undeclared, and their payloads.

namespace sconce::core {

namespace {

/// Whether the layout of this class is not a declared one.
bool is_built_in(const ClassLayout& layout, std::optional<std::string_view> version, std::string_view name) {
  return &layout == find_built_in(name, version) || &layout == built_in_layouts().find_prefix(name, version);
}

}  // namespace

ReadStatus ObjectParser::start_instance(std::optional<std::string_view> version, std::string_view name) {
  using Kind = ReaderFrame::Kind;
  const auto tensor = tensor_class_from_name(name);
  const auto storage = tensor ? std::nullopt : storage_class_from_name(name);
  const bool in_tensor = at_storage();
  if (in_tensor && !storage)
    return fail(ErrorCode::malformed, "a tensor's storage is a storage or nil, not " + with_article(name));
  if (in_tensor && check_storage_class(*storage) == ReadStatus::failed) return ReadStatus::failed;
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
  if (push(kind) == ReadStatus::failed) return ReadStatus::failed;
  ReaderFrame& frame = stack_.top();
  if (tensor || storage) frame.tensor_class = tensor ? *tensor : *storage;
  if (layout != nullptr) frame.payload.begin(*layout);
  if (kind == Kind::undeclared || kind == Kind::declared)
    begin_class(frame, name, layout != nullptr && is_built_in(*layout, version, name));
  step_ = tensor              ? Step::dimension_count
          : storage           ? Step::storage_count
          : layout != nullptr ? Step::next_op
                              : Step::payload_tag;
  return emit(event::Instance{.index = *index_, .header = {.version = version, .name = name}});
}

/// Notes how the payload is read, for an error that this may cause.
void ObjectParser::begin_class(ReaderFrame& frame, std::string_view name, bool built_in) {
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

/// Whether the operation that comes next can be `count` times. `each`: the least that one of them takes.
ReadStatus ObjectParser::check_op(const LayoutOp& op, std::int64_t count, MinimumBytes each) {
  if (count == LayoutProgress::kNoCount) return fail(ErrorCode::malformed, "a count of a declared class is no count");
  if (count < 0) return fail(ErrorCode::malformed, "a count of a declared class is " + std::to_string(count));
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (op.kind == LayoutOp::Kind::scalars && count > kMax / 8) {
    return fail(ErrorCode::malformed, "an array of " + std::to_string(count) + " elements is larger than any memory");
  }
  const auto what = [&op]() -> std::string_view {
    switch (op.kind) {
      case LayoutOp::Kind::scalars: return "scalars of a declared class";
      case LayoutOp::Kind::objects:
      case LayoutOp::Kind::pairs: return "objects of a declared class";
      case LayoutOp::Kind::group: break;
    }
    return "rounds of a declared class";
  };
  if (check_claim(static_cast<std::uint64_t>(count), each, what()) == ReadStatus::failed) return ReadStatus::failed;
  if (op.kind == LayoutOp::Kind::pairs && count > kMax / 2)
    return fail(ErrorCode::malformed, "a declared class has " + std::to_string(count) + " pairs");
  return ReadStatus::complete;
}

ReadStatus ObjectParser::start_op(const LayoutOp& op, std::int64_t count) {
  ReaderFrame& frame = stack_.top();
  if (op.kind == LayoutOp::Kind::scalars) {
    if (emit(event::Scalars{.type = op.type, .count = count}) == ReadStatus::failed) return ReadStatus::failed;
    frame.payload.start_op();
    return start_elements(op.type, count);
  }
  frame.payload.start_op();
  if (op.kind == LayoutOp::Kind::group) return ReadStatus::complete;
  frame.key.clear();
  if (count == 0) return ReadStatus::complete;
  if (frame.payload.in_list()) frame.key.set_number(1);
  step_ = op.is_count ? Step::count_tag : Step::tag;
  return ReadStatus::complete;
}

ReadStatus ObjectParser::on_count_tag(std::int32_t tag) {
  if (tag != tag::kNumber) {
    return fail(ErrorCode::malformed, "a count of a declared class is a number, not tag " + std::to_string(tag));
  }
  step_ = Step::count_number;
  return ReadStatus::complete;
}

ReadStatus ObjectParser::on_count_number(double number) {
  stack_.top().payload.set_count(number);
  if (emit(event::Number{number}) == ReadStatus::failed) return ReadStatus::failed;
  return value_done();
}

/// What an undeclared class wrote begins: nearly always a table.
ReadStatus ObjectParser::on_payload_tag(std::int32_t tag) {
  in_payload_ = tag == tag::kTable;
  if (!in_payload_) suspect(stack_.top());
  return on_tag(tag);
}

/// The first key of a table that an undeclared class wrote: nearly always the name of a field.
ReadStatus ObjectParser::on_field_tag(std::int32_t tag) {
  if (tag != tag::kString) suspect(*stack_.below_top());
  return on_tag(tag);
}

/// A class that wrote more or less than one object shifts what follows, so that what is a value stands where a key
/// should.
ReadStatus ObjectParser::on_suspect_tag(std::int32_t tag) {
  const bool is_scalar = tag == tag::kNil || tag == tag::kNumber || tag == tag::kString || tag == tag::kBoolean;
  if (!is_scalar && key_being_read() != nullptr) {
    const std::string_view what = tag == tag::kTable ? "a table" : tag == tag::kInstance ? "an instance" : "tag ";
    const std::string number = what == "tag " ? std::to_string(tag) : std::string();
    return fail(ErrorCode::malformed, std::string(what) + number + " stands where a key is expected");
  }
  return on_tag(tag);
}

void ObjectParser::suspect(ReaderFrame& frame) {
  frame.is_suspect = true;
  undeclared_.suspect(frame.class_name, frame.offset);
}

}  // namespace sconce::core
