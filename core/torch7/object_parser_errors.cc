#include "core/torch7/object_parser.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "core/classes/shown_class_name.h"

// How the parser stops: what is wrong, where, and which class may be the cause.

namespace sconce::core {

ReadStatus ObjectParser::fail(ErrorCode code, std::string what) {
  what += undeclared_note();
  if (code != ErrorCode::limit_exceeded) what += known_note();
  error_ = Error{.code = code, .what = std::move(what), .offset = token_offset_, .path = stack_.path()};
  return ReadStatus::failed;
}

/// The input ended inside the object.
void ObjectParser::fail_truncated(const Cursor& cursor) {
  token_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.end - cursor.begin);
  fail(ErrorCode::truncated, token_offset_ == 0 ? "the input is empty" : "the input ends inside the object");
}

/// The object is complete, and the cursor is after what may follow it.
Status ObjectParser::check_trailing(const Cursor& cursor) {
  if (cursor.position == cursor.end) return {};
  error_ = Error{.code = ErrorCode::trailing_bytes,
                 .what = "the object ends here, but more bytes follow" + suspect_note(),
                 .offset = end_offset_,
                 .path = ""};
  return std::unexpected(*error_);
}

ReadStatus ObjectParser::check_length(std::int32_t length, std::uint64_t length_max, std::string_view limit,
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

ReadStatus ObjectParser::check_claim(std::uint64_t count, MinimumBytes minimum, std::string_view what) {
  if (!options_.input_bytes || count == 0) return ReadStatus::complete;
  const std::uint64_t left = *options_.input_bytes - std::min(*options_.input_bytes, position_offset_);
  if (count <= (left + minimum.saved_once) / minimum.each) return ReadStatus::complete;
  return fail(ErrorCode::truncated, "the input claims " + std::to_string(count) + " " + std::string(what) +
                                        ", but only " + std::to_string(left) + " bytes are left of it");
}

/// Which class it may be that wrote something else than one object, so that what follows makes no sense.
std::string ObjectParser::undeclared_note() const {
  for (std::size_t i = stack_.depth(); i > 0; --i) {
    const ReaderFrame& frame = stack_.open()[i - 1];
    if (frame.kind != ReaderFrame::Kind::undeclared || frame.is_plain) continue;
    return undeclared_.note(frame.class_name, frame.offset);
  }
  return undeclared_.note({}, std::nullopt);
}

/// The same for classes whose payload is known, or declared: another version of the class may have written it.
std::string ObjectParser::known_note() const {
  using ReadAs = KnownInstance::ReadAs;
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
