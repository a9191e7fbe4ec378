#include "proto/formats/json/base64.h"

#include <algorithm>
#include <span>

namespace sconce::proto {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xff;
constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<unsigned char>(kAlphabet[i])] = std::uint8_t(i);
  return values;
}();

std::uint32_t value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }
std::uint32_t byte_of(char c) { return static_cast<unsigned char>(c); }

/// The characters of a group of three bytes.
void encode(const char* from, char* to) {
  const std::uint32_t bits = (byte_of(from[0]) << 16U) | (byte_of(from[1]) << 8U) | byte_of(from[2]);
  for (unsigned i = 0; i < 4; ++i) to[i] = kAlphabet[(bits >> (18 - 6 * i)) & 63U];
}

}  // namespace

bool Base64Writer::put(std::string_view text) { return out_.write(std::as_bytes(std::span(text))); }

bool Base64Writer::begin() {
  carried_bytes_ = 0;
  piece_bytes_ = 0;
  is_first_ = true;
  return put("[");
}

bool Base64Writer::write(std::string_view bytes) {
  if (carried_bytes_ > 0) {
    const std::size_t more = std::min(carried_.size() - carried_bytes_, bytes.size());
    std::copy_n(bytes.begin(), more, carried_.data() + carried_bytes_);
    carried_bytes_ += more;
    bytes.remove_prefix(more);
    if (carried_bytes_ < carried_.size()) return true;
    carried_bytes_ = 0;
    if (!write_groups({carried_.data(), carried_.size()})) return false;
  }
  const std::size_t whole = bytes.size() - bytes.size() % 3;
  if (!write_groups(bytes.substr(0, whole))) return false;
  carried_bytes_ =
      std::size_t(std::copy(bytes.begin() + std::ptrdiff_t(whole), bytes.end(), carried_.begin()) - carried_.begin());
  return true;
}

/// `bytes` is whole groups.
bool Base64Writer::write_groups(std::string_view bytes) {
  constexpr std::size_t kAtOnce = core::BufferedWriter::kRoomBytesMax / 4 * 3;
  while (!bytes.empty()) {
    if (piece_bytes_ == 0 && !put(is_first_ ? "\"" : ",\"")) return false;
    is_first_ = false;
    const std::size_t size = std::min({bytes.size(), kAtOnce, kPieceBytes - piece_bytes_});
    std::byte* const room = out_.room(size / 3 * 4);
    if (room == nullptr) return false;
    char* to = reinterpret_cast<char*>(room);
    for (std::size_t at = 0; at < size; at += 3, to += 4) encode(bytes.data() + at, to);
    out_.advance(size / 3 * 4);
    bytes.remove_prefix(size);
    piece_bytes_ += size;
    if (piece_bytes_ < kPieceBytes) continue;
    piece_bytes_ = 0;
    if (!put("\"")) return false;
  }
  return true;
}

bool Base64Writer::end() {
  if (carried_bytes_ > 0) {
    std::fill(carried_.begin() + std::ptrdiff_t(carried_bytes_), carried_.end(), '\0');
    std::array<char, 4> group{};
    encode(carried_.data(), group.data());
    std::fill(group.begin() + std::ptrdiff_t(carried_bytes_) + 1, group.end(), '=');
    if (piece_bytes_ == 0 && !put(is_first_ ? "\"" : ",\"")) return false;
    if (!put({group.data(), group.size()}) || !put("\"")) return false;
  } else if (piece_bytes_ > 0 && !put("\"")) {
    return false;
  }
  return put("]");
}

bool Base64Reader::put(std::string_view text, std::string& out) {
  while (!text.empty()) {
    if (characters_ == 0 && text.size() >= 4 && !is_over_) {
      const std::uint32_t a = value_of(text[0]);
      const std::uint32_t b = value_of(text[1]);
      const std::uint32_t c = value_of(text[2]);
      const std::uint32_t d = value_of(text[3]);
      if ((a | b | c | d) < 64) {
        const std::uint32_t bits = (a << 18U) | (b << 12U) | (c << 6U) | d;
        const char bytes[] = {char(bits >> 16U), char(bits >> 8U), char(bits)};
        out.append(bytes, 3);
        text.remove_prefix(4);
        continue;
      }
    }
    if (!put_one(text.front(), out)) return false;
    text.remove_prefix(1);
  }
  return true;
}

bool Base64Reader::put_one(char c, std::string& out) {
  if (is_over_) return false;
  const std::uint32_t value = c == '=' ? 0 : value_of(c);
  if (c == '=') {
    if (characters_ < 2) return false;
    padding_ += 1;
  } else if (value == kNone || padding_ > 0) {
    return false;
  }
  bits_ = (bits_ << 6U) | value;
  characters_ += 1;
  if (characters_ < 4) return true;
  const std::size_t size = std::size_t(3 - padding_);
  if (padding_ > 0 && (bits_ & ((1U << (8 * unsigned(padding_))) - 1)) != 0) return false;
  const char bytes[] = {char(bits_ >> 16U), char(bits_ >> 8U), char(bits_)};
  out.append(bytes, size);
  is_over_ = padding_ > 0;
  bits_ = 0;
  characters_ = 0;
  padding_ = 0;
  return true;
}

}  // namespace sconce::proto
