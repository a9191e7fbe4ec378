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

constexpr std::string_view kPickle =
    "a Python pickle; load it in Python, and save its arrays with safetensors or numpy.savez";
constexpr std::string_view kMatlab = "a MATLAB file; load it in Python, and save its arrays with numpy.savez";
constexpr std::string_view kUtf16 = "text in UTF-16; save it as UTF-8, without a byte order mark";
constexpr std::string_view kPage = "HTML or XML, perhaps a page that says why a download failed; fetch the file again";

// The first that fits.
constexpr Row kRows[] = {
    {"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9"sv,
     "a PyTorch file (pickle) of torch.save; load it in PyTorch, and save its tensors with safetensors"},
    {"\x80\x02"sv, kPickle},
    {"\x80\x03"sv, kPickle},
    {"\x80\x04"sv, kPickle},
    {"\x80\x05"sv, kPickle},
    {"\x93NUMPY"sv, "a numpy array; name the format npy"},
    {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file; open it with h5py, and save its arrays with numpy.savez"},
    {"\x1f\x8b"sv, "a gzip file; unpack it first"},
    {"BZh"sv, "a bzip2 file; unpack it first"},
    {"\xfd\x37zXZ\0"sv, "an xz file; unpack it first"},
    {"\x28\xb5\x2f\xfd"sv, "a Zstandard file; unpack it first"},
    {"\x04\x22\x4d\x18"sv, "an LZ4 file; unpack it first"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip file; unpack it first"},
    {"GGUF"sv, "a GGUF file; save its tensors with safetensors"},
    {"MATLAB 5.0 MAT-file"sv, kMatlab},
    {"MATLAB 7.3 MAT-file"sv, kMatlab},
    {"SQLite format 3\0"sv, "an SQLite database, which holds no object"},
    {"\x7f"
     "ELF"sv,
     "a program, which holds no object"},
    {"\x1bLJ"sv, "compiled Lua, which holds no object"},
    {"\x1bLua"sv, "compiled Lua, which holds no object"},
    {"\x89PNG"sv, "a PNG image; load it, and save its pixels with numpy.save"},
    {"\xff\xd8\xff"sv, "a JPEG image; load it, and save its pixels with numpy.save"},
    {"%PDF-"sv, "a PDF file, which holds no object"},
    {"version https://git-lfs"sv, "a Git LFS pointer; fetch the file that it stands for (git lfs pull)"},
    {"<!DOCTYPE"sv, kPage},
    {"<!doctype"sv, kPage},
    {"<html"sv, kPage},
    {"<HTML"sv, kPage},
    {"<?xml"sv, kPage},
    {"\xef\xbb\xbf"sv, "text with a byte order mark; save it as UTF-8 without one"},
    {"\xff\xfe"sv, kUtf16},
    {"\xfe\xff"sv, kUtf16},
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
  return "text; ascii begins with a tag and a new line, as Torch writes it";
}

/// An object's tag, from 1 to 8.
bool is_big_endian_tag(std::string_view text) {
  return text.size() >= 4 && text.starts_with("\0\0\0"sv) && text[3] >= 1 && text[3] <= 8;
}

/// The length of its header in 8 bytes, of which the upper ones are zeros, and the header. Any mark may be in the lower
/// ones.
bool is_safetensors(std::string_view text) { return text.size() > 8 && text.substr(4).starts_with("\0\0\0\0{"sv); }

/// Of one character in each two bytes, without a mark. An ascii object's second byte is a new line.
bool is_unmarked_utf16(std::string_view text) {
  if (text.size() < 4) return false;
  const auto is_printable = [](char c) { return c >= ' ' && c < '\x7f'; };
  return (is_printable(text[0]) && text[1] == 0 && (is_printable(text[2]) || is_space(text[2])) && text[3] == 0);
}

/// A protobuf of the fields 1, the version of its form, and 2, the name of the program that made it. As a tag its bytes
/// are a number beyond all tags. Source: onnx.proto, ModelProto.
bool is_onnx(std::string_view text) {
  constexpr std::size_t kHeadBytes = 4;
  if (text.size() <= kHeadBytes || text[0] != 0x08 || text[1] < 1 || text[1] > 0x20 || text[2] != 0x12) return false;
  const auto name_bytes = static_cast<unsigned char>(text[3]);
  const std::string_view name = text.substr(kHeadBytes, name_bytes);
  return name_bytes > 0 && name.size() == name_bytes &&
         std::ranges::all_of(name, [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// By the name of its first entry. Source: APPNOTE.TXT 6.3.10, 4.3.7.
std::string_view zip_kind_of(std::string_view text) {
  constexpr std::size_t kNameSizeAt = 26;
  constexpr std::size_t kNameAt = 30;
  if (text.size() < kNameAt) return "a zip; unpack it first";
  const std::string_view name =
      text.substr(kNameAt, std::size_t{static_cast<unsigned char>(text[kNameSizeAt])} +
                               256 * std::size_t{static_cast<unsigned char>(text[kNameSizeAt + 1])});
  if (name.ends_with(".npy")) return "a zip of numpy arrays; name the format npz";
  if (name.ends_with("data.pkl")) return kPyTorchZip;
  return "a zip; if numpy.savez wrote it, name the format npz, otherwise unpack it first";
}

std::string_view kind_of_structure(std::string_view text) {
  if (text.starts_with("PK\3\4"sv)) return zip_kind_of(text);
  if (is_onnx(text)) return "an ONNX model; load it with onnx in Python, and save its tensors with safetensors";
  if (is_unmarked_utf16(text)) return kUtf16;
  constexpr std::size_t kTarMark = 257;
  if (text.size() > kTarMark && text.substr(kTarMark).starts_with("ustar")) return "a tar; unpack it first";
  return {};
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string_view marked_kind_of(std::span<const std::byte> begin) {
  const std::string_view text = text_of(begin);
  if (is_safetensors(text)) return "a safetensors file; name that format";
  for (const Row& row : kRows) {
    if (text.starts_with(row.magic)) return row.kind;
  }
  return kind_of_structure(text);
}

std::string_view file_kind_of(std::span<const std::byte> begin) {
  if (const std::string_view marked = marked_kind_of(begin); !marked.empty()) return marked;
  const std::string_view text = text_of(begin);
  if (is_big_endian_tag(text)) return "Torch's binary with its bytes in big-endian order";
  return text_kind_of(text.substr(0, kTextBytes), text.size() <= kTextBytes);
}

}  // namespace sconce::core
