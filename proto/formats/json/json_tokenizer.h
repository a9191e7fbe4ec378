#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::proto {

/// Takes the tokens of one JSON text. Views last only for the call. After an error no more tokens come.
class JsonTokenSink {
 public:
  enum class Bracket : std::uint8_t { object, array };
  enum class Word : std::uint8_t { null_word, true_word, false_word };

  virtual ~JsonTokenSink() = default;
  virtual core::Status on_open(Bracket bracket) = 0;
  virtual core::Status on_close(Bracket bracket) = 0;
  /// The name of a member, whole and without escapes.
  virtual core::Status on_name(std::string_view name) = 0;
  /// The next part of a string, without escapes and UTF-8; it may be empty if it is the last.
  virtual core::Status on_text(std::string_view part, bool is_last) = 0;
  /// A number, whole, as it stands.
  virtual core::Status on_number(std::string_view text) = 0;
  virtual core::Status on_word(Word word) = 0;
};

struct JsonTokenLimits {
  std::size_t number_bytes_max;
  std::size_t name_bytes_max = 64;  ///< Of a member. Stops a name of 2 GiB, held whole.
};

/// Cuts JSON into tokens while it comes. All JSON that the program reads goes through here. Strict: RFC 8259 in UTF-8,
/// no byte order mark, one value. Nothing recurses: a level of nesting costs one byte, and who takes the tokens bounds
/// the levels.
///
/// Lifetime: `sink` is borrowed; bytes only last for the call. Threads: one at a time.
class JsonTokenizer {
 public:
  JsonTokenizer(JsonTokenSink& sink, const JsonTokenLimits& limits) : sink_(sink), limits_(limits) {}

  /// Takes all of `bytes`; splitting the input anywhere yields the same tokens, except for the parts of strings.
  /// Errors: malformed, limit_exceeded, each with offset; and the sink's.
  core::Status put(std::string_view bytes);

  /// Nothing follows. Errors: also truncated.
  core::Status finish();

  /// Bytes taken so far.
  std::uint64_t offset() const { return base_ + static_cast<std::uint64_t>(at_ - begin_); }
  /// Where the token begins that was given to the sink last.
  std::uint64_t token_offset() const { return token_offset_; }

 private:
  using Bracket = JsonTokenSink::Bracket;
  enum class State : std::uint8_t { value, first_value, name, first_name, colon, after_value, text, word, end };

  core::Status step();
  core::Status structural(char c);
  core::Status begin_value(char c);
  core::Status open(Bracket bracket);
  core::Status close(char c);
  core::Status separate(char c);
  core::Status begin_text(bool is_name);
  core::Status go_on_with_text();
  core::Status go_on_with_held();
  core::Status go_on_with_escape();
  core::Status emit_code_point();
  core::Status emit_text(std::string_view part, bool is_last);
  core::Status go_on_with_word();
  core::Status emit_word(std::string_view text);
  core::Status check_word_bytes(std::size_t size);
  void end_value() { state_ = brackets_.empty() ? State::end : State::after_value; }

  core::Status expected(std::string_view what);
  core::Status fail(core::ErrorCode code, std::string what, std::uint64_t offset);

  JsonTokenSink& sink_;
  const JsonTokenLimits limits_;
  std::uint64_t base_ = 0;  // of the bytes at hand
  const char* begin_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t token_offset_ = 0;
  State state_ = State::value;
  bool text_is_name_ = false;
  std::string brackets_;  // `{` and `[` that are open
  std::string held_;      // in a string: an escape or a sequence of UTF-8 that is not whole yet
  std::string word_;      // a number, a name or a word that is not whole yet
};

}  // namespace sconce::proto
