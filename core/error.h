#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/expected.h"

namespace sconce::core {

/// What kind of failure an `Error` is. The sentence in `Error::what` is for people; programs switch on this.
enum class ErrorCode : std::uint8_t {
  malformed,         ///< The bytes break the format's rules, or describe an object that cannot exist.
  truncated,         ///< The input ends before the object does.
  trailing_bytes,    ///< The object is complete, but more bytes follow and the caller asked to refuse them.
  limit_exceeded,    ///< The input asks for more than a limit allows.
  unrepresentable,   ///< The target format cannot represent this object.
  unknown_format,    ///< The format could not be detected, or its name is not known.
  invalid_argument,  ///< The caller asked for something that makes no sense (a bug in the request, not in the bytes).
  not_found,         ///< There is nothing under that name.
  io_error,          ///< The file system or the store failed.
  no_space,          ///< The file system or the store is full.
  corrupt,           ///< Stored bytes are not what was written.
  overloaded,        ///< Others hold the memory that it needs; it is worth trying again.
  unavailable,       ///< The store writes nothing more until it is started again, since its disk failed.
};

/// The code's stable name, as it appears in problem documents: `malformed`, `limit_exceeded`, …
std::string_view name_of(ErrorCode code);

/// An ordinary failure: what, and where. Threads: as a value. Units: `offset` in bytes.
struct Error {
  ErrorCode code = ErrorCode::malformed;
  /// One sentence for a person: what is wrong, and what to do where that is known. No trailing period.
  std::string what;
  /// The byte of the input at which it went wrong, counted from 0; absent where no input is involved.
  std::optional<std::uint64_t> offset = std::nullopt;
  /// The part of the object, in the grammar of path.h; absent where none is involved, empty for the root.
  std::optional<std::string> path = std::nullopt;
  /// Whether the sentence is for clients too though the failure is the server's: it tells what they can do, and nothing
  /// of files.
  bool is_for_clients = false;

  friend bool operator==(const Error&, const Error&) = default;
};

/// `malformed: byte 12: at model.weight: the storage has -1 elements`.
std::string to_string(const Error& error);

/// A value or an error; dropping one does not compile. `Status` has no value, only the error or its absence.
template <class T>
using Result = Expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorCode code, std::string what) {
  return std::unexpected(Error{.code = code, .what = std::move(what)});
}

}  // namespace sconce::core
