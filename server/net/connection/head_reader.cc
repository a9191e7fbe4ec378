#include "server/net/connection/head_reader.h"

#include <algorithm>
#include <boost/asio/experimental/as_tuple.hpp>

#include "server/net/connection/head_scanner.h"

namespace sconce::server::net {

namespace {

using AsTuple = asio::as_tuple_t<UseAwaitable>;

// Most requests without a large body come in one read of this size.
constexpr std::size_t kReadBytes = 8 * 1024;

std::string_view view_of(const beast::flat_buffer& buffer) {
  const auto bytes = buffer.data();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

/// Old clients send them behind a body. Source: RFC 9112, section 2.2.
void skip_empty_lines(beast::flat_buffer& buffer) {
  while (view_of(buffer).starts_with("\r\n")) buffer.consume(2);
}

/// A later HTTP/1 is read as the last that is known. Source: RFC 9110, section 2.5.
void read_later_version_as_1_1(beast::flat_buffer& buffer, std::size_t offset) {
  char* const minor = static_cast<char*>(buffer.data().data()) + offset;
  if (*minor > '1') *minor = '1';
}

proto::Problem too_late() {
  return proto::problem_of(proto::RequestError::request_timeout, "the header did not come in time");
}

/// The whole head stands at the beginning of `buffer`.
void parse(beast::flat_buffer& buffer, std::size_t head_bytes, HeadParser& parser, HeadRead& read) {
  boost::system::error_code error;
  parser.put(asio::const_buffer(buffer.data().data(), head_bytes), error);
  if (error) read.refusal = proto::problem_of(proto::RequestError::bad_request, "the request: " + error.message());
  buffer.consume(head_bytes);
}

}  // namespace

Awaitable<HeadRead> read_head(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer, HeadParser& parser,
                              HeadLimits limits, bool& idle) {
  HeadScanner scanner(limits.bytes_max);
  parser.header_limit(static_cast<std::uint32_t>(limits.bytes_max));
  HeadRead read;
  idle = true;
  Deadline::Clock::time_point due = Deadline::Clock::now() + limits.idle;
  while (true) {
    skip_empty_lines(buffer);
    if (idle && buffer.size() > 0) due = Deadline::Clock::now() + limits.whole;
    idle = idle && buffer.size() == 0;
    proto::HttpResult<std::size_t> head_bytes = scanner.scan(view_of(buffer));
    read.to_head = view_of(buffer).starts_with("HEAD ");
    if (!head_bytes) read.refusal = std::move(head_bytes.error());
    if (read.refusal) break;
    if (*head_bytes > 0) {
      read_later_version_as_1_1(buffer, scanner.minor_version_offset());
      parse(buffer, *head_bytes, parser, read);
      break;
    }
    const auto room = buffer.prepare(std::min(kReadBytes, buffer.max_size() - buffer.size()));
    deadline.set(due);
    const auto [error, size] = co_await stream.async_read_some(room, AsTuple());
    deadline.clear();
    buffer.commit(size);
    if (error && deadline.passed() && !idle) read.refusal = too_late();
    else read.error = error;
    if (error) break;
  }
  idle = false;
  co_return read;
}

}  // namespace sconce::server::net
