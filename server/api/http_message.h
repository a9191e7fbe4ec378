#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "proto/http/problem.h"

namespace sconce::server::api {

/// A header field. Names of requests are in lower case, and fields that came several times are joined by `, `.
struct Field {
  std::string name;
  std::string value;
};

/// A request up to its body.
struct RequestHead {
  std::string method;
  std::string path;   // of the target, as it came
  std::string query;  // what stands behind the `?`
  std::vector<Field> fields;

  /// Null if the field does not stand. `name` in lower case.
  const std::string* field(std::string_view name) const;
  /// The same, empty if it does not stand.
  std::string_view value_of(std::string_view name) const;
};

/// A piece is what one deadline of writing is for, so a large answer comes in many.
inline constexpr std::size_t kPieceBytesMax = 1 << 20;

/// Bytes that an answer brings, piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Of the whole body; nothing while it is not known, as before the bytes have been made. A source may come to know it
  /// with its first piece, not later.
  virtual std::optional<std::uint64_t> size_bytes() const = 0;
  /// The next piece, of about kPieceBytesMax at the most, empty at the end; valid until the next call. May block, so
  /// never on an I/O thread, unless `is_in_memory`.
  virtual core::Result<std::span<const std::byte>> next() = 0;
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

/// What a body that is there as a whole asks for.
enum class Effort : std::uint8_t {
  little,  ///< Less than handing it to another thread: it neither waits nor becomes large.
  usual,
  much,  ///< It may become much larger than it is.
};

/// A request that has begun: takes its body as it comes, then answers. All functions may block, so never on an I/O
/// thread. Threads: one at a time.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  /// What `put` and `complete` take, and beginning to store, if this is all of the body. Does not block.
  virtual Effort effort(std::span<const std::byte>) const { return Effort::usual; }
  /// The next bytes. Errors: the answer, before all of the body has come.
  virtual std::expected<void, Response> put(std::span<const std::byte> bytes) = 0;
  /// All has come: what takes long and is yet to be done. Nothing is stored, and the disk is not waited for. Errors:
  /// the answer.
  virtual std::expected<void, Response> complete() { return {}; }
  /// Whether `store` is to be called between `complete` and `finish`, which then does not block.
  virtual bool stores() const { return false; }
  /// Stores what is to be stored, and calls `stored` when it is durable or has failed: once, on any thread, also before
  /// this returns; not if this throws. Blocks only on the bytes of large objects.
  virtual void store(std::move_only_function<void()> stored) { stored(); }
  /// Makes the answer.
  virtual Response finish() = 0;
};
/// Errors: the answer, before any of the body.
using Begun = std::expected<std::unique_ptr<RequestBody>, Response>;

}  // namespace sconce::server::api
