#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::proto {

/// Why a request is refused for itself, whatever its body or the store holds.
enum class RequestError : std::uint8_t {
  bad_request,             ///< What came is not HTTP that we understand.
  bad_key,                 ///< Not a key: see object_key.h.
  bad_query,               ///< An unknown, doubled or senseless query parameter.
  bad_header,              ///< A header field that cannot be read.
  unauthorized,            ///< Nobody may do this without a token, and none was sent.
  invalid_token,           ///< The token that was sent is worth nothing.
  forbidden,               ///< The token that was sent does not allow it.
  cross_site,              ///< A write that a page of another site sends.
  unknown_route,           ///< No such path.
  key_not_found,           ///< No object under this key.
  method_not_allowed,      ///< The path knows other methods.
  not_implemented,         ///< No path knows this method, or nothing this transfer coding.
  not_acceptable,          ///< None of the formats that were asked for is known.
  unsupported_media_type,  ///< The body's format is not known.
  precondition_failed,     ///< If-Match or If-None-Match does not hold.
  precondition_required,   ///< A write without a condition, where the server asks for one.
  digest_mismatch,         ///< The body is not what Content-Digest or Repr-Digest says.
  body_too_large,
  range_not_satisfiable,  ///< No byte that Range asks for is there, or it asks for too much.
  request_timeout,        ///< The header, or the body, came too slowly.
  overloaded,             ///< There is too much to do at the moment; see `Retry-After`.
  already_running,        ///< What is done once at a time is being done.
  interrupted,            ///< What takes long was ended before it was done.
  header_too_large,
  uri_too_long,
  expectation_failed,     ///< Expect asks for what is not known.
  misdirected,            ///< The target, or Host, is another server's, or another scheme's.
  version_not_supported,  ///< Not HTTP/1.
};

/// An answer that is not a success, as RFC 9457 describes it.
struct Problem {
  unsigned status = 500;
  std::string code;                                    ///< Stable name for programs: `malformed`, `bad_key`, …
  std::string detail;                                  ///< One sentence for people.
  std::optional<std::uint64_t> offset = std::nullopt;  ///< Byte of what the error speaks of.
  std::optional<std::string> path = std::nullopt;      ///< Part of the object, in the grammar of core/text/path.h.
  std::string allow = {};      ///< Of 405: the methods that the path knows, for the `Allow` header.
  std::string challenge = {};  ///< Of 401 and 403: for the `WWW-Authenticate` header.

  friend bool operator==(const Problem&, const Problem&) = default;
};

template <class T>
using HttpResult = core::Expected<T, Problem>;

/// Which bytes an error speaks of: those that came with the request, or those that are stored.
enum class Subject : std::uint8_t { request_body, stored_object };

/// The only places where failures become HTTP statuses. Text of io_error, no_space, overloaded, unavailable and corrupt
/// is for the log, and does not pass unless the error says that it is for clients. Bytes that were sent are wrong by
/// their sender's fault; stored ones were checked when they came, so what cannot be read of them is `corrupt`. Threads:
/// no state.
Problem problem_of(RequestError error, std::string detail);
Problem problem_of(const core::Error& error, Subject subject);

inline std::unexpected<Problem> refuse(RequestError error, std::string detail) {
  return std::unexpected(problem_of(error, std::move(detail)));
}

/// The reason phrase of a status that we answer with.
std::string_view reason_of(unsigned status);

/// The code of a problem that the request did not cause: it is worth sending again.
inline constexpr std::string_view kOverloaded = "overloaded";

inline constexpr std::string_view kProblemMediaType = "application/problem+json";

/// The document, with a newline at its end. Bytes that are not UTF-8 are escaped as `\xHH`.
std::string to_json(const Problem& problem);

/// What such a document says; nothing if it is none.
std::optional<Problem> problem_from_json(std::string_view json);

}  // namespace sconce::proto
