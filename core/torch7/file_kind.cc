#include "core/torch7/file_kind.h"

#include <algorithm>

#include "core/numbers/number_text.h"
#include "core/text/utf8.h"

namespace sconce::core {
namespace {

using namespace std::string_view_literals;

struct Row {
  std::string_view magic;
  std::string_view kind;
};

// The first that fits.
constexpr Row kRows[] = {
    {"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9"sv, "a PyTorch file (pickle); load it in PyTorch, and save it as safetensors"},
    {"\x80\x02"sv, "a Python pickle; load it in Python, and save it as safetensors or npz"},
    {"\x80\x03"sv, "a Python pickle; load it in Python, and save it as safetensors or npz"},
    {"\x80\x04"sv, "a Python pickle; load it in Python, and save it as safetensors or npz"},
    {"\x80\x05"sv, "a Python pickle; load it in Python, and save it as safetensors or npz"},
    {"PK\3\4"sv, "a zip file"},
    {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file"},
    {"\x1f\x8b"sv, "a gzip file; unpack it first"},
    {"BZh"sv, "a bzip2 file; unpack it first"},
    {"\xfd\x37zXZ\0"sv, "an xz file; unpack it first"},
    {"\x28\xb5\x2f\xfd"sv, "a Zstandard file; unpack it first"},
    {"\x04\x22\x4d\x18"sv, "an LZ4 file; unpack it first"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip file; unpack it first"},
    {"GGUF"sv, "a GGUF file"},
    {"MATLAB 5.0 MAT-file"sv, "a MATLAB file"},
    {"SQLite format 3\0"sv, "an SQLite database"},
    {"\x7f"
     "ELF"sv,
     "a program"},
    {"\x1bLJ"sv, "compiled Lua"},
    {"\x1bLua"sv, "compiled Lua"},
    {"\x89PNG"sv, "a PNG image"},
    {"\xff\xd8\xff"sv, "a JPEG image"},
    {"%PDF-"sv, "a PDF file"},
    {"version https://git-lfs"sv, "a Git LFS pointer; fetch the file that it stands for (git lfs pull)"},
    {"<"sv, "HTML or XML"},
    {"\xef\xbb\xbf"sv, "text with a byte order mark"},
    {"\xff\xfe"sv, "text in UTF-16"},
    {"\xfe\xff"sv, "text in UTF-16"},
};

/// More than a number or a few words have.
constexpr std::size_t kTextBytes = 64;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// All of it, but for a character at the end that may be cut.
bool is_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_bytes(text);
    if (size == 0) return text.size() < 4 && static_cast<unsigned char>(text.front()) >= 0xc2;
    const char c = text.front();
    if (size == 1 && !is_space(c) && (static_cast<unsigned char>(c) < ' ' || c == '\x7f')) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string_view text_kind_of(std::string_view text, bool is_all) {
  if (!is_text(text)) return {};
  const std::string_view word = trimmed(text);
  if (word.empty()) return "white space";
  const auto number = scan_float<double>(word);
  if (is_all && number.size == word.size()) return "a plain number; as JSON it is read if that format is named";
  if (word.starts_with('[')) return "JSON, but not of an object: docs/json.md says how objects are written";
  if (word.starts_with('{') || word.starts_with('"')) return "JSON";
  return "text";
}

/// An object's tag, from 1 to 8.
bool is_big_endian_tag(std::string_view text) {
  return text.size() >= 4 && text.starts_with("\0\0\0"sv) && text[3] >= 1 && text[3] <= 8;
}

}  // namespace

std::string_view file_kind_of(std::span<const std::byte> begin) {
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  for (const Row& row : kRows) {
    if (text.starts_with(row.magic)) return row.kind;
  }
  if (is_big_endian_tag(text)) return "Torch's binary with its bytes in big-endian order";
  constexpr std::size_t kTarMark = 257;
  if (text.size() > kTarMark && text.substr(kTarMark).starts_with("ustar")) return "a tar; unpack it first";
  return text_kind_of(text.substr(0, kTextBytes), text.size() <= kTextBytes);
}

}  // namespace sconce::core
