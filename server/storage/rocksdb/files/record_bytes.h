#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace sconce::server::storage {

/// Puts a record together; integers are little-endian. Threads: one at a time.
class RecordWriter {
 public:
  template <class Integer>
  void integer(Integer value) {
    for (unsigned shift = 0; shift < 8 * sizeof(Integer); shift += 8) record_ += static_cast<char>(value >> shift);
  }
  void bytes(std::string_view text) { record_ += text; }
  template <std::size_t Size>
  void bytes(const std::array<std::uint8_t, Size>& array) {
    record_.append(reinterpret_cast<const char*>(array.data()), array.size());
  }
  std::string take() { return std::move(record_); }

 private:
  std::string record_;
};

/// Reads what RecordWriter wrote. After the end it reads zeros, and `whole` is false. Threads: one at a time. Lifetime:
/// the record outlives it.
class RecordReader {
 public:
  explicit RecordReader(std::string_view record) : record_(record) {}

  template <class Integer>
  Integer integer() {
    static_assert(std::endian::native == std::endian::little);
    const std::string_view bytes = take(sizeof(Integer));
    Integer value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  template <std::size_t Size>
  void bytes(std::array<std::uint8_t, Size>& array) {
    const std::string_view bytes = take(Size);
    std::ranges::copy(bytes, array.begin());
  }
  std::string text(std::size_t size) { return std::string(take(size)); }
  std::size_t left_bytes() const { return record_.size(); }
  /// Whether the record had all that was read, and nothing more.
  bool whole() const { return !short_ && record_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (record_.size() < size) {
      short_ = true;
      record_ = record_.substr(record_.size());
      return record_;
    }
    const std::string_view taken = record_.substr(0, size);
    record_.remove_prefix(size);
    return taken;
  }

  std::string_view record_;
  bool short_ = false;
};

}  // namespace sconce::server::storage
