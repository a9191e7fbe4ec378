#include "core/text/utf8.h"

namespace sconce::core {

namespace {

/// The sequences that begin with `lead_min` to `lead_max`: how long, and which second byte they allow.
struct SequenceRow {
  unsigned char lead_min, lead_max;
  std::size_t size_bytes;
  unsigned char second_min, second_max;
};

constexpr SequenceRow kSequences[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

bool continues(const SequenceRow& row, std::string_view text) {
  if (text.size() < row.size_bytes) return false;
  for (std::size_t i = 1; i < row.size_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const unsigned char least = i == 1 ? row.second_min : 0x80;
    const unsigned char most = i == 1 ? row.second_max : 0xbf;
    if (byte < least || byte > most) return false;
  }
  return true;
}

}  // namespace

std::size_t utf8_sequence_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text.front());
  for (const SequenceRow& row : kSequences) {
    if (lead >= row.lead_min && lead <= row.lead_max) return continues(row, text) ? row.size_bytes : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = static_cast<unsigned char>(text.front()) < 0x80 ? 1 : utf8_sequence_bytes(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace sconce::core
