#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/classes/undeclared_classes.h"
#include "core/event/index_table.h"
#include "core/torch7/cursor.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/reader_frame.h"

namespace sconce::core {

/// The grammar of objects (docs/formats.md, "Objects") as a state machine whose every step reads one primitive, so that
/// it can stop anywhere and go on with the next bytes. Containers are frames on an explicit stack. This class holds all
/// that does not depend on how primitives are encoded; `make_object_parser` adds the steps that read them.
///
/// Lifetime: `sink` is borrowed. Threads: one at a time. Errors: as EventReader, whose contract this is.
class ObjectParser {
 public:
  virtual ~ObjectParser() = default;

  virtual Result<std::size_t> put(std::span<const std::byte> bytes, bool is_last) = 0;

  std::uint64_t elements_ahead_bytes() const {
    return at_paused_elements() ? elements_left_ * size_bytes_of(element_type_) : 0;
  }
  Status pass_over_elements();
  bool done() const { return step_ == Step::done; }
  void begin_next() {
    step_ = Step::tag;
    end_offset_ = 0;
  }
  std::uint64_t offset() const { return consumed_; }
  std::string path() const { return stack_.path(); }
  const UndeclaredClasses& undeclared() const { return undeclared_; }
  std::string suspect_note() const { return undeclared_note() + known_note(); }

 protected:
  ObjectParser(EventSink& sink, const ReadOptions& options)
      : options_(options), sink_(sink), defined_(options_.indices_before) {}

  /// What the next primitive is.
  enum class Step : std::uint8_t {
    tag,
    payload_tag,  // of an undeclared class
    field_tag,    // the first key of a table that is one
    suspect_tag,  // after a class that may have written something else than one object
    count_tag,    // of an object that is a count
    count_number,
    number,
    boolean,
    string_length,
    string_inline,
    string_rest,
    index,
    table_count,
    function_length,
    function_code,
    version_length,
    version,
    name_length,
    name,
    dimension_count,
    sizes,
    strides,
    storage_offset,
    storage_count,
    elements,
    next_op,
    done,
  };

  // What follows from a primitive that was read. `ReadStatus::failed` means that `error_` is set.
  ReadStatus on_tag(std::int32_t tag);
  ReadStatus on_payload_tag(std::int32_t tag);
  ReadStatus on_field_tag(std::int32_t tag);
  ReadStatus on_suspect_tag(std::int32_t tag);
  ReadStatus on_count_tag(std::int32_t tag);
  ReadStatus on_count_number(double number);
  ReadStatus on_index(std::int32_t index);
  ReadStatus on_dimension_count(std::int32_t count);
  ReadStatus on_dimension(std::span<const std::int64_t> dimensions, Step next);
  ReadStatus on_storage_offset();
  ReadStatus on_storage_count(std::int64_t count, MinimumBytes element);
  ReadStatus on_elements(std::span<const std::byte> elements);
  ReadStatus start_instance(std::optional<std::string_view> version, std::string_view name);
  ReadStatus check_op(const LayoutOp& op, std::int64_t count, MinimumBytes each);
  ReadStatus start_op(const LayoutOp& op, std::int64_t count);
  ReadStatus value_done();
  ReadStatus end_frame();

  ReadStatus push(ReaderFrame::Kind kind);
  ReadStatus emit(const Event& event);
  /// Notes where the primitive lies that was read.
  void note_position(const Cursor& cursor) {
    token_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.token - cursor.begin);
    position_offset_ = consumed_ + static_cast<std::uint64_t>(cursor.position - cursor.begin);
  }
  ReadStatus fail(ErrorCode code, std::string what);
  ReadStatus check_length(std::int32_t length, std::uint64_t length_max, std::string_view limit, std::string_view what);
  ReadStatus check_claim(std::uint64_t count, MinimumBytes minimum, std::string_view what);
  void fail_truncated(const Cursor& cursor);
  Status check_trailing(const Cursor& cursor);
  bool at_paused_elements() const {
    return options_.pause_at_elements && step_ == Step::elements && stack_.is_in(ReaderFrame::Kind::storage);
  }
  KeyLabel* key_being_read() { return !stack_.empty() && stack_.top().at_key() ? &stack_.top().key : nullptr; }

  ReadOptions options_;
  ReaderStack stack_;
  Step step_ = Step::tag;
  bool paused_ = false;  // after a reference
  std::optional<Error> error_;
  std::uint64_t consumed_ = 0;         // by earlier puts
  std::uint64_t token_offset_ = 0;     // where the primitive read last begins
  std::uint64_t position_offset_ = 0;  // where it ends
  std::uint64_t end_offset_ = 0;       // where the object ended

  // The part being read, where it is not a frame yet.
  std::uint64_t tag_offset_ = 0;
  std::int32_t tag_ = 0;
  std::optional<std::int32_t> index_;
  std::uint64_t bytes_left_ = 0;  // of a string, code, version or name
  std::string version_;
  std::uint64_t elements_left_ = 0;
  std::size_t dimensions_read_ = 0;
  ElementType element_type_ = ElementType::u8;
  bool in_payload_ = false;  // the object being read is all that an undeclared class wrote

 private:
  /// The instance that began last, where its class is one whose payload is taken to be known.
  struct KnownInstance {
    std::string name;
    std::uint64_t offset = 0;
    enum class ReadAs : std::uint8_t { none, fields, built_in, declared } read_as = ReadAs::none;
  };

  struct SeenStorage {
    TensorClass tensor_class;
    std::int64_t count;
  };

  ReadStatus refer(std::int32_t index);
  ReadStatus define(std::int32_t index);
  ReadStatus check_remembered();
  ReadStatus check_storage_reference(std::int32_t index);
  ReadStatus check_storage_class(TensorClass tensor_class);
  ReadStatus check_storage_count(const ReaderFrame& tensor, std::int64_t count);
  ReadStatus start_elements(ElementType type, std::int64_t count);
  ReadStatus finish_array();
  bool value_done_in_frame(ReaderFrame& frame);
  void begin_class(ReaderFrame& frame, std::string_view name, bool built_in);
  void suspect(ReaderFrame& frame);
  std::string undeclared_note() const;
  std::string known_note() const;
  /// Whether the next object is a tensor's storage.
  bool at_storage() { return stack_.is_in(ReaderFrame::Kind::tensor); }

  EventSink& sink_;
  IndexSet defined_;
  IndexMap<SeenStorage> storages_;
  UndeclaredClasses undeclared_;
  KnownInstance known_;  // none if an undeclared one began later
};

/// `format` must not be `automatic`.
std::unique_ptr<ObjectParser> make_object_parser(Format format, EventSink& sink, const ReadOptions& options);

}  // namespace sconce::core
