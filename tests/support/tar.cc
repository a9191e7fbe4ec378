#include "tests/support/tar.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace sconce::tests {

namespace {

constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kChecksumOffset = 148;

void write_at(std::string& header, std::size_t offset, std::string_view text) {
  header.replace(offset, text.size(), text);
}

std::string octal(std::size_t value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*zo", digits, value);
  return text.data();
}

}  // namespace

std::string tar_entry(std::string_view name, std::string_view bytes, char type, std::string_view link) {
  if (name.size() > 99 || link.size() > 99) throw std::runtime_error("a name is too long for ustar");
  std::string header(kBlockBytes, '\0');
  write_at(header, 0, name);
  write_at(header, 100, "0000644");
  write_at(header, 124, octal(bytes.size(), 11));
  write_at(header, 136, octal(0, 11));
  header[156] = type;
  write_at(header, 157, link);
  write_at(header, 257, "ustar");
  write_at(header, 263, "00");
  write_at(header, kChecksumOffset, "        ");
  std::size_t sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  write_at(header, kChecksumOffset, octal(sum, 6));
  header[kChecksumOffset + 6] = '\0';
  const std::size_t padding = (kBlockBytes - bytes.size() % kBlockBytes) % kBlockBytes;
  return header.append(bytes) + std::string(padding, '\0');
}

std::string tar_end() { return std::string(2 * kBlockBytes, '\0'); }

}  // namespace sconce::tests
