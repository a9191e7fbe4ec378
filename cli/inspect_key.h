#pragma once

#include <string>

#include "cli/client/tls_client.h"
#include "core/bytes/byte_sink.h"

namespace sconce::cli {

/// Whether what is to be inspected is an object of a server, not a file.
bool is_url(const std::string& name);
/// Whether a URL is that of an object: `http[s]://HOST:PORT/v1/objects/KEY`.
bool is_object_url(const std::string& text);

/// Prints the outline of the object `http[s]://HOST:PORT/v1/objects/KEY`, which the server makes: no elements are sent.
/// A query may say `path` and `depth`. Threads: the main one. Errors: as http_get and token_variable; io_error, for
/// what the server refuses; malformed, for an answer that is not an outline; those of `out`.
core::Status inspect_key(const std::string& url, const TlsArguments& tls, core::ByteSink& out);

}  // namespace sconce::cli
