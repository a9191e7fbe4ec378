#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event/element_type.h"
#include "core/event/event.h"
#include "core/event/index_table.h"
#include "core/limits.h"
#include "core/torch7/reader_frame.h"
#include "proto/formats/json/base64.h"
#include "proto/formats/json/json_schema.h"
#include "proto/formats/json/json_tokenizer.h"

namespace sconce::proto {

/// One JSON object that is open: which member is read, and how far its value has come.
struct JsonFrame {
  enum class Where : std::uint8_t {
    name,   // before a member's name, or the end
    value,  // before a member's value
    list,   // in the array that is its value
    pair,   // in a pair of that array
  };
  JsonObjectKind form = JsonObjectKind::unknown;
  Where where = Where::name;
  std::uint8_t parts = 0;        // of the pair that have come
  bool is_name = false;          // the bytes of a name or a version, rather than a string
  std::size_t member = 0;        // by its place in the form
  std::uint64_t pairs_left = 0;  // table
  core::KeyLabel key;            // table
};

/// The steps of JsonReader: takes tokens, knows by the innermost frame what may come next, and emits events.
/// Errors carry their path; those about a token its offset as well.
///
/// Lifetime: the sink and the limits are borrowed. Threads: one at a time.
class JsonMachine final : public JsonTokenSink {
 public:
  JsonMachine(core::EventSink& sink, const core::ReadLimits& limits) : sink_(sink), limits_(limits) {}

  core::Status on_open(Bracket bracket) override;
  core::Status on_close(Bracket bracket) override;
  core::Status on_name(std::string_view name) override;
  core::Status on_text(std::string_view part, bool is_last) override;
  core::Status on_number(std::string_view text) override;
  core::Status on_word(Word word) override;

  /// Where the part lies that is being read.
  std::string path() const;

 private:
  using Where = JsonFrame::Where;
  static constexpr std::size_t kSizesMember = 3;  // of a tensor; the strides follow

  // json_machine.cc: brackets, names, and what is complete.
  bool takes_object() const;
  bool takes_form() const;
  JsonValueKind take() const { return members_of(top().form)[top().member].take; }
  core::Status open_object();
  core::Status begin_form(std::string_view name);
  core::Status begin_list();
  core::Status begin_pair();
  core::Status end_list();
  core::Status end_form();
  core::Status value_done();
  core::Status member_done();
  JsonFrame& push();

  // json_machine_events.cc: what is said once its members have come.
  core::Status announce();
  core::Status announce_boolean();
  core::Status announce_table();
  core::Status announce_function();
  core::Status announce_instance();
  core::Status announce_tensor();
  core::Status announce_array();
  core::Status announce_bytes();
  core::Status define(std::int32_t index);
  core::Status refer();
  core::KeyLabel* key_of_value(std::size_t depth);
  core::Status emit(const core::Event& event);
  core::Status misplaced(std::string_view what);
  core::Status fail(core::ErrorCode code, std::string what);
  core::Status malformed(std::string what) { return fail(core::ErrorCode::malformed, std::move(what)); }

  // json_machine_values.cc: strings, numbers, words.
  core::Status take_text();
  core::Status take_null();
  core::Status take_string();
  core::Status take_name(std::string_view name);
  core::Status take_non_finite(std::string_view text);
  core::Status take_element(std::string_view text, bool is_quoted);
  core::Status take_integer(std::string_view text);
  core::Status keep_integer(std::int64_t value);
  core::Status take_base64(std::string_view part, bool is_last);
  core::Status emit_decoded();
  core::Status emit_elements();
  bool takes_text() const;
  std::size_t text_bytes_max() const;
  std::string_view expectation() const;

  JsonFrame& top() { return frames_[depth_ - 1]; }
  const JsonFrame& top() const { return frames_[depth_ - 1]; }

  core::EventSink& sink_;
  const core::ReadLimits& limits_;
  std::vector<JsonFrame> frames_;  // used again, so that what they hold is allocated once
  std::size_t depth_ = 0;
  core::IndexSet defined_;

  // What has been read of the innermost form; nothing of it is needed once a part of it begins.
  std::string text_;  // the string that is being read, or bytes that were decoded
  std::int64_t integer_ = 0;
  std::optional<std::int32_t> index_;
  std::int32_t tag_ = 0;
  std::string name_;
  std::optional<std::string> version_;
  core::TensorClass tensor_class_{};
  std::vector<std::int64_t> sizes_;
  std::vector<std::int64_t> strides_;

  // The bytes or elements that are being read.
  Base64Reader base64_;
  bool is_streamed_ = false;  // the bytes are emitted as they come
  std::uint64_t size_ = 0;    // bytes, or elements, that were announced
  std::uint64_t left_ = 0;    // of them
  core::ElementType type_{};
  std::vector<std::byte> elements_;
};

}  // namespace sconce::proto
