#include "core/torch7/sniff.h"

#include <string>

#include "core/bytes/read_begin.h"
#include "core/torch7/file_kind.h"
#include "core/torch7/sniff_ascii.h"
#include "core/torch7/sniff_trial.h"

namespace sconce::core {
namespace {

using End = SniffTrial::End;

/// The input is in no format for certain; `why` says more.
std::unexpected<Error> unknown(std::string_view begin, const std::string& why) {
  const auto bytes = std::as_bytes(std::span(begin));
  if (const std::string_view kind = marked_kind_of(bytes); !kind.empty()) {
    return fail(ErrorCode::unknown_format, "this is " + std::string(kind));
  }
  const std::string_view kind = file_kind_of(bytes);
  const std::string seems = kind.empty() ? "" : "; it seems to be " + std::string(kind);
  return fail(ErrorCode::unknown_format, "the input is in no format that can be told for certain" + seems + "; " + why);
}

Error error_of(const SniffTrial& trial, std::uint64_t size) {
  if (trial.end != End::cut) return trial.error;
  return {.code = ErrorCode::truncated, .what = "the input ends inside the object", .offset = size, .path = ""};
}

/// b32 and b64, and what follows from how input reads in each.
class Choice {
 public:
  Choice(std::string_view begin, ByteSource& source, const ReadOptions& options, SniffInput input)
      : begin_(begin),
        source_(source),
        options_(options),
        input_(input),
        b64_(try_format(source, Format::b64, options, input)) {}

  Result<Format> make() {
    if (b64_.end == End::unread) return std::unexpected(b64_.error);
    if (b64_.end == End::whole && !b64_.has_longs) return Format::b64;
    b32_ = try_format(source_, Format::b32, options_, input_);
    if (b32_.end == End::unread) return std::unexpected(b32_.error);
    if (is_taken(b64_) && is_taken(b32_)) return of_two_taken();
    if (is_taken(b64_)) return of_one_taken(b64_, Format::b64, b32_, Format::b32);
    if (is_taken(b32_)) return of_one_taken(b32_, Format::b32, b64_, Format::b64);
    return of_none_taken();
  }

 private:
  bool is_taken(const SniffTrial& trial) const {
    return trial.end == End::whole || (trial.end == End::behind && options_.trailing == TrailingBytes::ignore);
  }
  static bool is_possible(const SniffTrial& trial) { return trial.end != End::limited && trial.end != End::impossible; }

  Result<Format> of_two_taken() const {
    if (!b64_.has_longs && !b32_.has_longs) {  // the same object; what is behind it may tell
      return b32_.rest_is_objects && !b64_.rest_is_objects ? Format::b32 : Format::b64;
    }
    if (b64_.is_odd != b32_.is_odd) return b64_.is_odd ? Format::b32 : Format::b64;
    if (b64_.end != b32_.end) return b64_.end == End::whole ? Format::b64 : Format::b32;
    if (b64_.rest_is_objects != b32_.rest_is_objects) return b64_.rest_is_objects ? Format::b64 : Format::b32;
    return ambiguous();
  }

  /// The other may have been cut off.
  Result<Format> of_one_taken(const SniffTrial& taken, Format format, const SniffTrial& other,
                              Format other_format) const {
    if (!is_possible(other) || other.end == End::behind) return format;
    if (taken.is_odd != other.is_odd) return taken.is_odd ? other_format : format;
    // Files are cut off, hardly ever added to.
    if (taken.is_odd) return taken.end == End::whole ? format : other_format;
    // A storage whose elements begin with zeros may be one whose count has 8 bytes.
    return taken.end == End::whole && !taken.has_elements ? Result<Format>(format) : ambiguous();
  }

  /// The reader of the one that is likelier will say what is wrong.
  Result<Format> of_none_taken() const {
    if (is_possible(b64_) && is_possible(b32_)) {
      if (b64_.is_odd != b32_.is_odd) return b64_.is_odd ? Format::b32 : Format::b64;
      if (b64_.end != b32_.end) return b64_.end == End::cut ? Format::b64 : Format::b32;
      return b32_.rest_is_objects && !b64_.rest_is_objects ? Format::b32 : Format::b64;
    }
    if (is_possible(b64_)) return Format::b64;
    if (is_possible(b32_)) return Format::b32;
    if (b64_.end == End::limited || b32_.end == End::limited) {  // what got further
      return b64_.error.offset >= b32_.error.offset ? Format::b64 : Format::b32;
    }
    return unknown(begin_, readings());
  }

  Result<Format> ambiguous() const { return unknown(begin_, "it may be b64 or b32: name which; " + readings()); }

  std::string readings() const { return reading("b64", b64_) + "; " + reading("b32", b32_); }
  std::string reading(const std::string& format, const SniffTrial& trial) const {
    if (trial.end == End::whole || trial.end == End::behind) return "read as " + format + " it is an object";
    return "read as " + format + ": " + to_string(error_of(trial, source_.size_bytes()));
  }

  const std::string_view begin_;
  ByteSource& source_;
  const ReadOptions& options_;
  const SniffInput input_;
  const SniffTrial b64_;
  SniffTrial b32_ = {};
};

/// What its beginning is told by: the longest mark of another kind of file lies within it.
constexpr std::size_t kBeginBytes = 512;

/// A tag of a binary format begins with a byte up to 8, and no text does.
bool begins_as_binary(std::string_view begin) { return static_cast<unsigned char>(begin.front()) <= 8; }

/// Whether no input that begins so, and goes on, is taken.
bool is_excluded(const SniffTrial& trial, const ReadOptions& options) {
  return trial.end == End::impossible || (trial.end == End::behind && options.trailing == TrailingBytes::refuse);
}

}  // namespace

std::optional<Format> sniff_begin(std::span<const std::byte> begin, const ReadOptions& options) {
  if (begin.empty()) return std::nullopt;
  MemorySource source(begin);
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  if (!begins_as_binary(text)) {
    const bool is_ascii = sniff_ascii(text, source, SniffInput::begin) == AsciiVerdict::ascii;
    return is_ascii ? std::optional(Format::ascii) : std::nullopt;
  }
  const SniffTrial b64 = try_format(source, Format::b64, options, SniffInput::begin);
  const SniffTrial b32 = try_format(source, Format::b32, options, SniffInput::begin);
  if (b64.end == End::cut && is_excluded(b32, options)) return Format::b64;
  if (b32.end == End::cut && is_excluded(b64, options)) return Format::b32;
  return std::nullopt;
}

Result<Format> sniff(ByteSource& source, const ReadOptions& options, SniffInput input) {
  if (source.size_bytes() == 0) {
    return std::unexpected(Error{.code = ErrorCode::truncated, .what = "the input is empty", .offset = 0, .path = ""});
  }
  const Result<std::string> begin = read_begin(source, kBeginBytes);
  if (!begin) return std::unexpected(begin.error());
  if (begins_as_binary(*begin)) return Choice(*begin, source, options, input).make();
  if (sniff_ascii(*begin, source, input) == AsciiVerdict::ascii) return Format::ascii;
  return unknown(*begin, "if it is ascii or JSON, name the format");
}

Result<Format> sniff(std::span<const std::byte> bytes, const ReadOptions& options, SniffInput input) {
  MemorySource source(bytes);
  return sniff(source, options, input);
}

}  // namespace sconce::core
