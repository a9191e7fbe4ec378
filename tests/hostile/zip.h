#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::tests {

/// One entry of a zip, and what its headers say of it, right or wrong. Source: PKWARE APPNOTE, 4.3.7 and 4.3.12.
struct ZipEntry {
  static constexpr std::uint16_t kStored = 0;
  static constexpr std::uint16_t kDeflated = 8;

  std::string name;
  std::string bytes;  // as they lie in the file
  std::uint16_t method = kStored;
  std::uint32_t checksum = 0;
  std::uint64_t size_bytes = 0;  // of what comes out
  std::string extra = {};        // of both headers
};

/// Puts a zip together, whatever it says.
class ZipWriter {
 public:
  /// Writes the entry, and lists it.
  void add(const ZipEntry& entry) {
    list(entry, static_cast<std::uint32_t>(file_.size()));
    file_ += "PK\3\4" + common_header(entry, entry.bytes.size()) + entry.name + entry.extra + entry.bytes;
  }

  /// Lists an entry whose header stands at `offset`, as another's may.
  void list(const ZipEntry& entry, std::uint32_t offset) {
    directory_ += "PK\1\2" + u16(20) + common_header(entry, entry.bytes.size()) + u16(0) + u16(0) + u16(0) + u32(0) +
                  u32(offset) + entry.name + entry.extra;
    ++listed_;
  }

  /// The whole of it.
  std::string finish() const {
    const std::string count = u16(listed_);
    return file_ + directory_ + std::string("PK\5\6\0\0\0\0", 8) + count + count +
           u32(static_cast<std::uint32_t>(directory_.size())) + u32(static_cast<std::uint32_t>(file_.size())) + u16(0);
  }

  static std::string u16(std::uint16_t value) { return little_endian(value, 2); }
  static std::string u32(std::uint32_t value) { return little_endian(value, 4); }
  static std::string u64(std::uint64_t value) { return little_endian(value, 8); }

 private:
  static std::string little_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xffU);
    return text;
  }

  static std::string common_header(const ZipEntry& entry, std::size_t packed_bytes) {
    return u16(20) + u16(0) + u16(entry.method) + u32(0) + u32(entry.checksum) +
           u32(static_cast<std::uint32_t>(packed_bytes)) + u32(static_cast<std::uint32_t>(entry.size_bytes)) +
           u16(static_cast<std::uint16_t>(entry.name.size())) + u16(static_cast<std::uint16_t>(entry.extra.size()));
  }

  std::string file_;
  std::string directory_;
  std::uint16_t listed_ = 0;
};

/// `text`, then zeros, one at least, deflated: 258 of them in 13 bits. Source: RFC 1951, section 3.2.6.
inline std::string deflated_zeros(std::string_view text, std::uint64_t zeros) {
  std::string out;
  std::uint32_t pending = 0;
  int bits = 0;
  const auto put = [&](std::uint32_t value, int size) {
    pending |= value << bits;
    for (bits += size; bits >= 8; bits -= 8, pending >>= 8U) out += static_cast<char>(pending & 0xffU);
  };
  const auto put_code = [&](std::uint32_t code, int size) {  // the first bit of a code is its highest
    for (int i = size - 1; i >= 0; --i) put(code >> i & 1U, 1);
  };
  const auto put_literal = [&](unsigned char byte) {
    if (byte < 144) put_code(0x30U + byte, 8);
    else put_code(0x190U + byte - 144, 9);
  };
  put(0b011, 3);  // the last block, of fixed codes
  for (const char byte : text) put_literal(static_cast<unsigned char>(byte));
  put_literal(0);
  --zeros;
  for (; zeros % 258 != 0; --zeros) put_literal(0);
  for (; zeros > 0; zeros -= 258) {
    put_code(0b11000101, 8);  // a length of 258
    put_code(0, 5);           // from 1 byte before
  }
  put_code(0, 7);
  put(0, 7);  // to the end of the byte
  return out;
}

}  // namespace sconce::tests
