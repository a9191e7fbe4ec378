#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/http/problem.h"

namespace sconce::server::net {

/// Reads the framing of a body in chunks, without I/O: bytes are given as they come, and what is wrong is refused at
/// the first byte that shows it, so that nobody waits for the end of what can only be refused. Extensions and trailer
/// fields are checked and dropped; nothing is allocated but for a refusal. Source: RFC 9112, section 7.1.
///
///     chunk      = 1*HEXDIG [ ext ] CRLF data CRLF
///     last-chunk = 1*"0" [ ext ] CRLF *( field-line CRLF ) CRLF
///     ext        = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
///
/// Threads: one at a time.
class ChunkDecoder {
 public:
  /// What stands between two chunks' data, and the trailer section with it: stops a line without end.
  static constexpr std::size_t kFramingBytesMax = 64 * 1024;
  /// Of extensions, beside as many bytes as there are of data: stops a body of nothing else.
  static constexpr std::uint64_t kExtensionBytesMax = 16 * 1024;

  /// `body_bytes_max` is of the data.
  explicit ChunkDecoder(std::uint64_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  struct Taken {
    std::size_t in_bytes = 0;
    std::size_t out_bytes = 0;
  };
  /// Takes bytes until `in` ends, `out` is full of data and more of it comes next, or the body ends; present the rest
  /// again. However the input is cut, the same comes of it. Errors: bad_request, header_too_large, body_too_large;
  /// after an error the decoder must not be used.
  proto::HttpResult<Taken> take(std::string_view in, std::span<std::byte> out);

  /// The empty line behind the last chunk has been taken.
  bool is_done() const { return state_ == State::done; }

  /// How many bytes come next that are data, as far as that is known. They may go elsewhere instead, as they are.
  std::uint64_t data_bytes_left() const { return state_ == State::data ? chunk_left_ : 0; }
  /// That many did.
  void data_taken(std::size_t bytes);

 private:
  enum class State : std::uint8_t {
    size_begin,
    size,
    before_extension,  // blanks, behind the size or a value
    name_begin,
    name,
    behind_name,  // blanks
    value_begin,
    value,
    quoted,
    escaped,
    behind_quoted,
    line_end,  // a LF
    data,
    data_cr,
    data_lf,
    trailer_line,
    trailer_name,
    trailer_value,
    trailer_line_end,  // a LF
    last_line_end,     // a LF
    done,
  };

  proto::HttpResult<void> take_framing(char byte);
  proto::HttpResult<State> behind_size(char byte);
  proto::HttpResult<State> behind_word(char byte) const;
  proto::HttpResult<State> in_extension(char byte);
  proto::HttpResult<State> in_trailer(char byte);
  proto::HttpResult<State> add_digit(char byte);
  proto::HttpResult<State> end_size_line();
  proto::HttpResult<State> end_trailer_name() const;
  std::unexpected<proto::Problem> bad(std::string_view what) const;

  const std::uint64_t body_bytes_max_;
  State state_ = State::size_begin;
  std::uint64_t taken_bytes_ = 0;    // of all that came
  std::uint64_t framing_bytes_ = 0;  // since the last data
  std::uint64_t chunk_left_ = 0;     // of the data of the chunk under way; before, its size
  std::uint64_t chunk_bytes_ = 0;    // as the chunks seen have announced
  std::uint64_t extension_bytes_ = 0;
  std::array<char, 18> name_{};  // of a trailer field, in lower case; a longer one is none that matters
  std::size_t name_bytes_ = 0;
};

}  // namespace sconce::server::net
