#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/buffered_writer.h"

namespace sconce::proto {

/// Writes bytes as a JSON array of strings of base64 (RFC 4648, with padding), `["QUJD", …]`, each of `kPieceBytes`
/// bytes but the last, however the bytes come.
///
/// Lifetime: `out` is borrowed. Threads: one at a time. All functions return whether the sink took it.
class Base64Writer {
 public:
  /// A whole number of groups of three, so that only the last piece can be padded; its text is 64 KiB.
  static constexpr std::size_t kPieceBytes = std::size_t{48} * 1024;

  explicit Base64Writer(core::BufferedWriter& out) : out_(out) {}

  bool begin();
  bool write(std::string_view bytes);
  bool end();

 private:
  bool put(std::string_view text);
  bool write_groups(std::string_view bytes);

  core::BufferedWriter& out_;
  std::array<char, 3> carried_{};  // the begin of a group
  std::size_t carried_bytes_ = 0;
  std::size_t piece_bytes_ = 0;  // of the piece that is open
  bool is_first_ = true;
};

/// Reads the pieces again. Strict: no white space, whole groups in every piece, padding only where all ends, and no
/// bits beside those that mean something.
class Base64Reader {
 public:
  void begin() { *this = {}; }

  /// Appends what the next characters of a piece say. Returns whether they are base64.
  bool put(std::string_view text, std::string& out);

  /// Whether the piece could end here.
  bool end_piece() const { return characters_ == 0; }

 private:
  bool put_one(char c, std::string& out);

  std::uint32_t bits_ = 0;
  int characters_ = 0;  // of the group that is open
  int padding_ = 0;     // in it
  bool is_over_ = false;
};

}  // namespace sconce::proto
