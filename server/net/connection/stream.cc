#include "server/net/connection/stream.h"

#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <boost/asio/experimental/as_tuple.hpp>

namespace sconce::server::net {

namespace {

using boost::system::error_code;
using QuickAck = asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_QUICKACK>;
using AsTuple = asio::as_tuple_t<UseAwaitable>;

}  // namespace

Stream::Stream(Socket socket, TlsSession session) : tcp_(std::move(socket)) {
  if (session == nullptr) return;
  tls_ = std::make_unique<asio::ssl::stream<Socket&>>(tcp_, session.get());
  (void)session.release();  // the stream's now
}

void Stream::cancel() {
  error_code ignored;
  tcp_.cancel(ignored);
}

Awaitable<error_code> Stream::handshake() {
  if (!tls_) co_return error_code();
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, AsTuple());
  // The server has nothing to say now; a client that waits for the end of its handshake to be acknowledged, as Nagle's
  // algorithm has it, before it sends a request would wait for 40 ms.
  error_code ignored;
  if (!error) tcp_.set_option(QuickAck(true), ignored);
  co_return error;
}

void Stream::stop_reading() {
  error_code ignored;
  if (tls_) tcp_.shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);
  else tcp_.close(ignored);
}

Awaitable<void> Stream::end_sending() {
  if (std::exchange(ended_, true)) co_return;
  if (tls_) {
    // As if the client had ended, too: else Asio would wait for that.
    SSL_set_shutdown(tls_->native_handle(), SSL_RECEIVED_SHUTDOWN);
    co_await tls_->async_shutdown(AsTuple());
  }
  error_code ignored;
  tcp_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace sconce::server::net
