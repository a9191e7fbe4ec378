#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "proto/http/problem.h"

namespace sconce::server {

/// A header field. Names of requests are in lower case, and fields that came several times are joined by `, `.
struct Field {
  std::string name;
  std::string value;
};

/// A request up to its body.
struct RequestHead {
  std::string method;
  std::string path;   // of the target, as it came
  std::string query;  // what follows the `?`
  std::vector<Field> fields;

  /// Null if there is no such field. `name` in lower case.
  const std::string* field(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &found->value;
  }
  /// The same, empty if there is no such field.
  std::string_view value_of(std::string_view name) const {
    const std::string* const value = field(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  }
  /// Whether the name of a field begins so.
  bool has_fields_of(std::string_view prefix) const {
    return std::ranges::any_of(fields, [prefix](const Field& each) { return each.name.starts_with(prefix); });
  }
};

/// A piece is what one deadline of writing is for, so a large answer comes in many.
inline constexpr std::size_t kPieceBytesMax = 1 << 20;

/// Bytes that an answer brings, piece by piece. Threads: one at a time. Errors: each source names its own.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Of the whole body; nothing while it is not known, as before the bytes have been made. A source may come to know it
  /// with its first piece, not later.
  virtual std::optional<std::uint64_t> size_bytes() const = 0;
  /// The next piece, of about kPieceBytesMax at the most, empty at the end; valid until the next call. May block, so
  /// never on an I/O thread, unless `is_in_memory`.
  virtual core::Result<std::span<const std::byte>> next() = 0;
  /// What it holds in memory now, and no budget of the request knows of: pieces, and what was read for them.
  virtual std::uint64_t held_bytes() const = 0;
  /// Whether a piece stays valid during the next call too, so that the next one can be made while it is sent.
  virtual bool can_read_ahead() const { return false; }
  /// Whether all pieces are there: `next` neither blocks nor takes long.
  virtual bool is_in_memory() const { return false; }
  /// Whether a piece takes long to make, and not just to read.
  virtual bool takes_long() const { return false; }
  /// Whether `seek` is of use: any part costs what it holds.
  virtual bool can_seek() const { return false; }
  /// The next piece begins at this offset, which lies in the body. Only if `can_seek`. Errors: those of `next`.
  virtual core::Status seek(std::uint64_t) { std::unreachable(); }
};

std::unique_ptr<BodySource> source_of(std::string text);

struct Response {
  unsigned status = 200;
  std::vector<Field> fields = {};              // without Content-Length and what belongs to the connection
  std::unique_ptr<BodySource> body = nullptr;  // to HEAD, only its size is sent
};

/// The problem as application/problem+json.
Response response_of(const proto::Problem& problem);

}  // namespace sconce::server
