#include "proto/formats/arrays/npy_header.h"

#include <array>
#include <charconv>
#include <optional>

#include "core/limits.h"
#include "core/text/printable.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;

// What is in front of the elements has a length that is a multiple of this, so that a mapped file is aligned.
constexpr std::size_t kAlignmentBytes = 64;
constexpr std::size_t kShownBytesMax = 64;

struct Row {
  Dtype dtype;
  std::string_view name;  // without the byte order
};

constexpr std::array kRows{
    Row{Dtype::boolean, "b1"},
    Row{Dtype::u8, "u1"},
    Row{Dtype::i8, "i1"},
    Row{Dtype::i16, "i2"},
    Row{Dtype::u16, "u2"},
    Row{Dtype::f16, "f2"},
    Row{Dtype::i32, "i4"},
    Row{Dtype::u32, "u4"},
    Row{Dtype::f32, "f4"},
    Row{Dtype::f64, "f8"},
    Row{Dtype::i64, "i8"},
    Row{Dtype::u64, "u8"},
    Row{Dtype::c64, "c8"},
    Row{Dtype::c128, "c16"},
    // What ml_dtypes makes numpy write: float8_e5m2 by a name of its own, other types of its own as bytes alone.
    Row{Dtype::f8_e5m2, "f1"},
    Row{Dtype::v1, "V1"},
    Row{Dtype::v2, "V2"},
};

std::string little_endian_u16(std::size_t value) {
  return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8 & 0xff)};
}

/// As numpy writes it: before bytes, of which no order is known, and not before `f1`, which is not its own.
bool has_no_order(Dtype dtype) { return dtype == Dtype::v2 || (size_bytes_of(dtype) == 1 && dtype != Dtype::f8_e5m2); }

/// Reads the literal from left to right.
class Literal {
 public:
  explicit Literal(std::string_view text) : text_(text) {}

  core::Result<ArrayDescriptor> read() {
    if (!take('{')) return wrong("a dictionary begins with {");
    while (!take('}')) {
      if (core::Status pair = read_pair(); !pair) return std::unexpected(std::move(pair.error()));
      if (!take(',') && !next_is('}')) return wrong("pairs of the dictionary stand between commas");
    }
    skip_space();
    if (at_ < text_.size()) return wrong("something stands behind the dictionary");
    if (!has_descr_ || !has_order_ || !has_shape_) return wrong("it needs descr, fortran_order and shape");
    return std::move(form_);
  }

 private:
  std::unexpected<core::Error> wrong(const std::string& what, ErrorCode code = ErrorCode::malformed) const {
    return std::unexpected(core::Error{.code = code, .what = "the npy header: " + what, .offset = at_});
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) at_ += 1;
  }
  bool next_is(char byte) {
    skip_space();
    return at_ < text_.size() && text_[at_] == byte;
  }
  bool take(char byte) {
    if (!next_is(byte)) return false;
    at_ += 1;
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  core::Result<std::string_view> read_string() {
    const char quote = next_is('"') ? '"' : '\'';
    if (!take(quote)) return wrong("a string is expected");
    const std::size_t end = text_.find_first_of(std::string{quote, '\\', '\n'}, at_);
    if (end == std::string_view::npos || text_[end] != quote) return wrong("a string does not end, or has escapes");
    const std::string_view string = text_.substr(at_, end - at_);
    at_ = end + 1;
    return string;
  }

  core::Status read_pair() {
    const auto key = read_string();
    if (!key) return std::unexpected(key.error());
    bool* const has = *key == "descr" ? &has_descr_ : *key == "fortran_order" ? &has_order_ : &has_shape_;
    if (has == &has_shape_ && *key != "shape") return wrong("there is a key other than descr, fortran_order and shape");
    if (*has) return wrong("the key " + std::string(*key) + " stands twice");
    *has = true;
    if (!take(':')) return wrong("a colon stands behind a key");
    if (has == &has_descr_) return read_descr();
    return has == &has_order_ ? read_order() : read_shape();
  }

  core::Status read_descr() {
    if (next_is('[')) return wrong("the elements have fields, which no tensor has", ErrorCode::unrepresentable);
    const auto name = read_string();
    if (!name) return std::unexpected(name.error());
    const bool has_order = !name->empty() && std::string_view("<>|=").find(name->front()) != std::string_view::npos;
    const std::string_view rest = name->substr(has_order ? 1 : 0);
    for (const Row& row : kRows) {
      if (row.name != rest) continue;
      form_.dtype = row.dtype;
      form_.is_big_endian = has_order && name->front() == '>' && !has_no_order(row.dtype);
      return {};
    }
    return wrong("the elements are of type " + core::printable(name->substr(0, kShownBytesMax)) +
                     "; a tensor has booleans, integers, floats of 16, 32 or 64 bits, or complex numbers of these",
                 ErrorCode::unrepresentable);
  }

  core::Status read_order() {
    form_.is_fortran = take_word("True");
    if (form_.is_fortran || take_word("False")) return {};
    return wrong("fortran_order is True or False");
  }

  core::Status read_shape() {
    if (!take('(')) return wrong("the shape begins with (");
    bool has_comma = true;
    while (!take(')')) {
      if (!has_comma) return wrong("sizes stand between commas");
      skip_space();
      std::int64_t size = 0;
      const char* const begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) return wrong("a size is an integer from 0 to 2^63 - 1");
      at_ += static_cast<std::size_t>(end - begin);
      take_word("L");  // as Python 2 wrote them
      form_.shape.push_back(size);
      has_comma = take(',');
    }
    if (form_.shape.size() == 1 && !has_comma) return wrong("a shape of one size ends with a comma");
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ArrayDescriptor form_;
  bool has_descr_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

}  // namespace

core::Result<std::string> npy_header(Dtype dtype, std::span<const std::int64_t> shape) {
  const ArrayDescriptor form{.dtype = dtype, .shape = {shape.begin(), shape.end()}};
  if (const auto size = size_bytes_of(form); !size) return std::unexpected(size.error());
  std::string_view name;
  for (const Row& row : kRows) {
    if (row.dtype == dtype) name = row.name;
  }
  if (name.empty()) {
    return core::fail(ErrorCode::unrepresentable,
                      "npy has no elements of type " + std::string(name_of(dtype)) + "; ask for safetensors");
  }
  std::string text = "{'descr': '" + std::string(has_no_order(dtype) ? "|" : "<").append(name) +
                     "', 'fortran_order': False, 'shape': (";
  for (const std::int64_t size : shape) text += std::to_string(size) + (shape.size() == 1 ? "," : ", ");
  if (shape.size() > 1) text.resize(text.size() - 2);
  text += "), }";
  // 1,024 dimensions have 20 KiB, so version 1 with its length of two bytes is always enough.
  const std::size_t prefix = kNpyMagic.size() + 4;
  text.append((kAlignmentBytes - (prefix + text.size() + 1) % kAlignmentBytes) % kAlignmentBytes, ' ');
  text += '\n';
  return std::string(kNpyMagic).append({'\1', '\0'}) + little_endian_u16(text.size()) + text;
}

bool npy_holds_text(std::string_view begin) {
  if (!begin.starts_with(kNpyMagic)) return false;
  constexpr std::string_view kKey = "'descr':";
  const std::size_t at = begin.find(kKey);
  if (at == std::string_view::npos) return false;
  std::string_view descr = begin.substr(at + kKey.size());
  const auto take = [&descr](std::string_view one_of) {
    const bool is_there = !descr.empty() && one_of.contains(descr.front());
    if (is_there) descr.remove_prefix(1);
    return is_there;
  };
  while (take(" ")) continue;
  if (!take("'")) return false;
  take("<>|=");
  return take("SUa");
}

core::Result<ArrayDescriptor> parse_npy_header(std::string_view text) { return Literal(text).read(); }

}  // namespace sconce::proto
