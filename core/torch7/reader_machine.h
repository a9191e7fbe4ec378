#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/classes/undeclared_classes.h"
#include "core/event/index_table.h"
#include "core/torch7/cursor.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/reader_frame.h"

namespace sconce::core {

/// The grammar of objects (docs/formats.md, "Objects") as a machine whose every step reads one primitive, so that it
/// can stop anywhere and go on with the next bytes. Containers are frames on an explicit stack. `Scalars` is
/// BinaryScalars or AsciiScalars.
template <class Scalars>
class ReaderMachine {
 public:
  ReaderMachine(Format format, EventSink& sink, const ReadOptions& options)
      : options_(options),
        scalars_(format, options_.byte_order, options_.limits),
        sink_(sink),
        defined_(options_.indices_before) {}

  Result<std::size_t> put(std::span<const std::byte> bytes, bool is_last);
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

 private:
  /// What the next primitive is.
  enum class Step : std::uint8_t {
    tag,
    payload_tag,  // of an undeclared class
    field_tag,    // the first key of a table that is one
    suspect_tag,  // behind a class that may have written something else than one object
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

  // One function a step. `Read::failed` means that `error_` is set.
  Read advance(Cursor& cursor);
  Read read_tag(Cursor& cursor);
  Read read_payload_tag(Cursor& cursor);
  Read read_field_tag(Cursor& cursor);
  Read read_suspect_tag(Cursor& cursor);
  Read read_count_tag(Cursor& cursor);
  Read read_count_number(Cursor& cursor);
  Read read_number(Cursor& cursor);
  Read read_boolean(Cursor& cursor);
  Read read_string_length(Cursor& cursor);
  Read read_string_inline(Cursor& cursor);
  Read read_string_rest(Cursor& cursor);
  Read read_index(Cursor& cursor);
  Read read_table_count(Cursor& cursor);
  Read read_function_length(Cursor& cursor);
  Read read_function_code(Cursor& cursor);
  Read read_header_length(Cursor& cursor, Step next);
  Read read_version(Cursor& cursor);
  Read read_name(Cursor& cursor);
  Read read_dimension_count(Cursor& cursor);
  Read read_dimensions(Cursor& cursor, std::vector<std::int64_t>& into, Step next);
  Read read_storage_offset(Cursor& cursor);
  Read read_storage_count(Cursor& cursor);
  Read read_elements(Cursor& cursor);
  Read start_op(Cursor& cursor);
  Read start_objects(std::int64_t count, bool pairs);

  // What follows from what was read.
  Read read_any_tag(Cursor& cursor, std::int32_t& tag);
  Read accept_tag(std::int32_t tag);
  void begin_class(ReaderFrame& frame, std::string_view name, bool built_in);
  void suspect(ReaderFrame& frame);
  Read define(std::int32_t index);
  Read check_remembered();
  Read refer(std::int32_t index);
  Read start_instance(std::optional<std::string_view> version, std::string_view name);
  Read start_array(ElementType type, std::int64_t count, std::string_view what);
  Read check_storage_reference(std::int32_t index);
  Read check_storage_class(TensorClass tensor_class);
  Read check_storage_count(const ReaderFrame& tensor, std::int64_t count);
  Read finish_array();
  Read value_done();
  Read end_frame();
  bool value_done_in_frame(ReaderFrame& frame);

  Read push(ReaderFrame::Kind kind);
  Read emit(const Event& event);
  Read take(Read read, const Cursor& cursor);
  Read fail_primitive();
  Read fail(ErrorCode code, std::string what);
  Read check_length(std::int32_t length, std::uint64_t length_max, std::string_view limit, std::string_view what);
  Read check_claim(std::uint64_t count, typename Scalars::Minimum minimum, std::string_view what);
  Status stop(const Cursor& cursor);
  Status finish(Cursor& cursor);
  std::string undeclared_note() const;
  std::string known_note() const;
  /// Whether the next object is a tensor's storage.
  bool at_storage() { return !stack_.empty() && stack_.top().kind == ReaderFrame::Kind::tensor; }
  bool at_paused_elements() const {
    return options_.pause_at_elements && step_ == Step::elements && stack_.is_in(ReaderFrame::Kind::storage);
  }
  KeyLabel* key_being_read() { return !stack_.empty() && stack_.top().at_key() ? &stack_.top().key : nullptr; }

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

  ReadOptions options_;
  Scalars scalars_;
  EventSink& sink_;
  ReaderStack stack_;
  Step step_ = Step::tag;
  bool paused_ = false;  // behind a reference
  std::optional<Error> error_;
  std::uint64_t consumed_ = 0;         // by earlier puts
  std::uint64_t token_offset_ = 0;     // where the primitive read last begins
  std::uint64_t position_offset_ = 0;  // where it ends
  std::uint64_t end_offset_ = 0;       // where the object ended

  IndexSet defined_;
  IndexMap<SeenStorage> storages_;

  // The part being read, where it is not a frame yet.
  std::uint64_t tag_offset_ = 0;
  std::int32_t tag_ = 0;
  std::optional<std::int32_t> index_;
  std::uint64_t bytes_left_ = 0;  // of a string, code, version or name
  std::string version_;
  std::uint64_t elements_left_ = 0;
  std::uint64_t array_count_ = 0;
  ElementType element_type_ = ElementType::u8;
  bool in_payload_ = false;  // the object being read is all that an undeclared class wrote
  UndeclaredClasses undeclared_;
  KnownInstance known_;  // none if an undeclared one began later
};

}  // namespace sconce::core

#include "core/torch7/reader_machine_steps.h"
