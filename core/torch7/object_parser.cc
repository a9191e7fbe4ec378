#include "core/torch7/object_parser.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/numbers/lua_number.h"
#include "core/torch7/ascii_scalars.h"
#include "core/torch7/binary_scalars.h"

namespace sconce::core {
namespace {

/// The steps that read primitives. `Scalars` is BinaryScalars or AsciiScalars.
template <class Scalars>
class ParserOf final : public ObjectParser {
 public:
  ParserOf(Format format, EventSink& sink, const ReadOptions& options)
      : ObjectParser(sink, options), scalars_(format, options_.byte_order, options_.limits) {}

  Result<std::size_t> put(std::span<const std::byte> bytes, bool is_last) override {
    if (error_) return std::unexpected(*error_);
    Cursor cursor(bytes, is_last);
    paused_ = false;
    while (step_ != Step::done && !paused_ && !at_paused_elements()) {
      const ReadStatus read = advance(cursor);
      if (read == ReadStatus::complete) continue;
      if (read == ReadStatus::need_more && !is_last) break;
      if (read == ReadStatus::need_more) fail_truncated(cursor);
      return std::unexpected(*error_);
    }
    if (step_ == Step::done) {
      const Status finished = finish(cursor);
      if (!finished) return std::unexpected(finished.error());
    }
    const auto used = static_cast<std::size_t>(cursor.position - cursor.begin);
    consumed_ += used;
    return used;
  }

 private:
  ReadStatus advance(Cursor& cursor) {
    switch (step_) {
      case Step::tag: return read_tag(cursor, &ParserOf::on_tag);
      case Step::payload_tag: return read_tag(cursor, &ParserOf::on_payload_tag);
      case Step::field_tag: return read_tag(cursor, &ParserOf::on_field_tag);
      case Step::suspect_tag: return read_tag(cursor, &ParserOf::on_suspect_tag);
      case Step::count_tag: return read_tag(cursor, &ParserOf::on_count_tag);
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
      case Step::sizes: return read_dimension(cursor, stack_.top().sizes, Step::strides);
      case Step::strides: return read_dimension(cursor, stack_.top().strides, Step::storage_offset);
      case Step::storage_offset: return read_storage_offset(cursor);
      case Step::storage_count: return read_storage_count(cursor);
      case Step::elements: return read_elements(cursor);
      case Step::next_op: return begin_op();
      case Step::done: break;
    }
    return ReadStatus::complete;
  }

  /// The object is complete: consumes what belongs to it, and looks at what does not.
  Status finish(Cursor& cursor) {
    const std::byte* before = cursor.position;
    if (end_offset_ == 0 || consumed_ == end_offset_) scalars_.finish_object(cursor);
    if (end_offset_ == 0 || cursor.position != before) {
      end_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.position - cursor.begin);
    }
    if (options_.trailing == TrailingBytes::ignore) return {};
    scalars_.skip_trailing(cursor);
    return check_trailing(cursor);
  }

  /// Notes where the primitive lies that was just read, and sets the error of one that cannot be read.
  ReadStatus noted(ReadStatus read, const Cursor& cursor) {
    note_position(cursor);
    return read == ReadStatus::failed ? fail_primitive() : read;
  }
  ReadStatus fail_primitive() {
    const ErrorCode code = scalars_.failed_by_limit() ? ErrorCode::limit_exceeded : ErrorCode::malformed;
    return fail(code, std::string(scalars_.failure()));
  }

  ReadStatus read_tag(Cursor& cursor, ReadStatus (ObjectParser::*accept)(std::int32_t)) {
    std::int32_t tag = 0;
    const ReadStatus read = noted(scalars_.read_tag(cursor, tag), cursor);
    if (read != ReadStatus::complete) return read;
    tag_offset_ = token_offset_;
    if (KeyLabel* key = key_being_read()) key->clear();
    return (this->*accept)(tag);
  }

  ReadStatus read_count_number(Cursor& cursor) {
    double number = 0;
    const ReadStatus read = noted(scalars_.read_double(cursor, number), cursor);
    return read == ReadStatus::complete ? on_count_number(number) : read;
  }

  ReadStatus read_number(Cursor& cursor) {
    double number = 0;
    const ReadStatus read = noted(scalars_.read_double(cursor, number), cursor);
    if (read != ReadStatus::complete) return read;
    if (KeyLabel* key = key_being_read()) {
      if (number != number) return fail(ErrorCode::malformed, "a table key is NaN");
      key->set_number(number);
    }
    if (emit(event::Number{number}) == ReadStatus::failed) return ReadStatus::failed;
    return value_done();
  }

  ReadStatus read_boolean(Cursor& cursor) {
    std::int32_t wire = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, wire), cursor);
    if (read != ReadStatus::complete) return read;
    const event::Boolean boolean{wire};
    if (KeyLabel* key = key_being_read()) key->set_boolean(boolean.value());
    if (emit(boolean) == ReadStatus::failed) return ReadStatus::failed;
    return value_done();
  }

  ReadStatus read_string_length(Cursor& cursor) {
    std::int32_t length = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, length), cursor);
    if (read != ReadStatus::complete) return read;
    if (check_length(length, options_.limits.string_bytes_max, "string_bytes_max", "a string") == ReadStatus::failed)
      return ReadStatus::failed;
    if (KeyLabel* key = key_being_read()) key->begin_string();
    bytes_left_ = static_cast<std::uint64_t>(length);
    step_ = bytes_left_ <= kInlineStringBytesMax ? Step::string_inline : Step::string_rest;
    if (step_ == Step::string_inline) return ReadStatus::complete;
    return emit(event::String{.size_bytes = bytes_left_, .bytes = {}});
  }

  ReadStatus read_string_inline(Cursor& cursor) {
    std::string_view bytes;
    const ReadStatus read = noted(scalars_.read_bytes(cursor, bytes_left_, bytes), cursor);
    if (read != ReadStatus::complete) return read;
    if (KeyLabel* key = key_being_read()) key->append(bytes);
    if (emit(event::String{.size_bytes = bytes_left_, .bytes = bytes}) == ReadStatus::failed) return ReadStatus::failed;
    return value_done();
  }

  ReadStatus read_string_rest(Cursor& cursor) {
    std::string_view bytes;
    const ReadStatus read = noted(scalars_.read_some_bytes(cursor, bytes_left_, bytes), cursor);
    if (read != ReadStatus::complete) return read;
    if (KeyLabel* key = key_being_read()) key->append(bytes);
    if (emit(event::Bytes{bytes}) == ReadStatus::failed) return ReadStatus::failed;
    bytes_left_ -= bytes.size();
    return bytes_left_ > 0 ? ReadStatus::complete : value_done();
  }

  ReadStatus read_index(Cursor& cursor) {
    std::int32_t index = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, index), cursor);
    return read == ReadStatus::complete ? on_index(index) : read;
  }

  ReadStatus read_table_count(Cursor& cursor) {
    std::int32_t count = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, count), cursor);
    if (read != ReadStatus::complete) return read;
    const auto pairs = static_cast<std::uint64_t>(std::max(count, 0));
    if (check_claim(pairs, Scalars::kPairMinimum, "pairs of a table") == ReadStatus::failed) return ReadStatus::failed;
    if (push(ReaderFrame::Kind::table) == ReadStatus::failed) return ReadStatus::failed;
    stack_.top().objects_left = 2 * pairs;
    if (emit(event::Table{.index = *index_, .count = count}) == ReadStatus::failed) return ReadStatus::failed;
    step_ = std::exchange(in_payload_, false) ? Step::field_tag : Step::tag;
    return pairs > 0 ? ReadStatus::complete : end_frame();
  }

  ReadStatus read_function_length(Cursor& cursor) {
    std::int32_t length = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, length), cursor);
    if (read != ReadStatus::complete) return read;
    if (check_length(length, options_.limits.string_bytes_max, "string_bytes_max", "a function's code") ==
        ReadStatus::failed) {
      return ReadStatus::failed;
    }
    if (push(ReaderFrame::Kind::function) == ReadStatus::failed) return ReadStatus::failed;
    bytes_left_ = static_cast<std::uint64_t>(length);
    step_ = bytes_left_ > 0 ? Step::function_code : Step::tag;
    return emit(event::Function{.tag = tag_, .index = index_, .size_bytes = bytes_left_});
  }

  ReadStatus read_function_code(Cursor& cursor) {
    std::string_view bytes;
    const ReadStatus read = noted(scalars_.read_some_bytes(cursor, bytes_left_, bytes), cursor);
    if (read != ReadStatus::complete) return read;
    bytes_left_ -= bytes.size();
    if (bytes_left_ == 0) step_ = Step::tag;
    return emit(event::Bytes{bytes});
  }

  ReadStatus read_header_length(Cursor& cursor, Step next) {
    std::int32_t length = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, length), cursor);
    if (read != ReadStatus::complete) return read;
    if (check_length(length, options_.limits.class_name_bytes_max, "class_name_bytes_max", "a class header") ==
        ReadStatus::failed) {
      return ReadStatus::failed;
    }
    bytes_left_ = static_cast<std::uint64_t>(length);
    step_ = next;
    return ReadStatus::complete;
  }

  ReadStatus read_version(Cursor& cursor) {
    std::string_view bytes;
    const ReadStatus read = noted(scalars_.read_bytes(cursor, bytes_left_, bytes), cursor);
    if (read != ReadStatus::complete) return read;
    if (!bytes.starts_with("V ") || !is_lua_number(bytes.substr(2))) return start_instance(std::nullopt, bytes);
    version_ = bytes;
    step_ = Step::name_length;
    return ReadStatus::complete;
  }

  ReadStatus read_name(Cursor& cursor) {
    std::string_view bytes;
    const ReadStatus read = noted(scalars_.read_bytes(cursor, bytes_left_, bytes), cursor);
    return read == ReadStatus::complete ? start_instance(version_, bytes) : read;
  }

  ReadStatus read_dimension_count(Cursor& cursor) {
    std::int32_t count = 0;
    const ReadStatus read = noted(scalars_.read_int(cursor, count), cursor);
    return read == ReadStatus::complete ? on_dimension_count(count) : read;
  }

  ReadStatus read_dimension(Cursor& cursor, std::vector<std::int64_t>& into, Step next) {
    const ReadStatus read = noted(scalars_.read_long(cursor, into[dimensions_read_]), cursor);
    return read == ReadStatus::complete ? on_dimension(into, next) : read;
  }

  ReadStatus read_storage_offset(Cursor& cursor) {
    const ReadStatus read = noted(scalars_.read_long(cursor, stack_.top().storage_offset), cursor);
    return read == ReadStatus::complete ? on_storage_offset() : read;
  }

  ReadStatus read_storage_count(Cursor& cursor) {
    std::int64_t count = 0;
    const ReadStatus read = noted(scalars_.read_long(cursor, count), cursor);
    if (read != ReadStatus::complete) return read;
    return on_storage_count(count, scalars_.element_minimum(stack_.top().tensor_class.type));
  }

  ReadStatus read_elements(Cursor& cursor) {
    std::span<const std::byte> elements;
    const ReadStatus read = noted(scalars_.read_elements(cursor, element_type_, elements_left_, elements), cursor);
    return read == ReadStatus::complete ? on_elements(elements) : read;
  }

  /// Begins the next operation of a declared class, or ends it. Reads nothing.
  ReadStatus begin_op() {
    const DeclaredPayload& payload = stack_.top().payload;
    const LayoutOp* op = payload.next();
    if (op == nullptr) return end_frame();
    token_offset_ = position_offset_;  // where it would begin: what was read last may have come in pieces
    const std::int64_t count = payload.count();
    if (check_op(*op, count, minimum_of(*op)) == ReadStatus::failed) return ReadStatus::failed;
    return start_op(*op, count);
  }

  /// Of one object, pair, scalar or round of it.
  MinimumBytes minimum_of(const LayoutOp& op) const {
    switch (op.kind) {
      case LayoutOp::Kind::scalars: return scalars_.element_minimum(op.type);
      case LayoutOp::Kind::objects: return Scalars::kObjectMinimum;
      case LayoutOp::Kind::pairs: return Scalars::kPairMinimum;
      case LayoutOp::Kind::group: break;
    }
    return {.each = 1, .saved_once = 0};  // each round writes something, if only one byte
  }

  Scalars scalars_;
};

}  // namespace

std::unique_ptr<ObjectParser> make_object_parser(Format format, EventSink& sink, const ReadOptions& options) {
  assert(format != Format::automatic);
  if (format == Format::ascii) return std::make_unique<ParserOf<AsciiScalars>>(format, sink, options);
  return std::make_unique<ParserOf<BinaryScalars>>(format, sink, options);
}

}  // namespace sconce::core
