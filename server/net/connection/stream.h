#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <utility>

#include "server/net/tls.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// One connection's bytes, plain or over TLS: an AsyncReadStream and AsyncWriteStream of Asio's. Plaintext has no cost
/// but one branch for each operation. Threads: the socket's.
class Stream {
 public:
  using executor_type = Executor;  // NOLINT(readability-identifier-naming): Asio's name

  /// Over TLS if there is a session; then `handshake` comes first.
  Stream(Socket socket, TlsSession session);

  executor_type get_executor() { return tcp_.get_executor(); }
  Socket& socket() { return tcp_; }

  /// What is under way ends with an error.
  void cancel();

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return tcp_.async_write_some(buffers, std::forward<Token>(token));
  }
  /// What comes is not decrypted: to be thrown away.
  template <class Buffers, class Token>
  auto async_discard_some(const Buffers& buffers, Token&& token) {
    return tcp_.async_read_some(buffers, std::forward<Token>(token));
  }

  bool is_tls() const { return tls_ != nullptr; }
  /// Once, before anything else; in plaintext it does nothing.
  Awaitable<boost::system::error_code> handshake();

  /// Ends what is being read. Over TLS the client can still be told that it is the end.
  void stop_reading();

  /// Tells the client that nothing more comes, also in the words of TLS. What the client sends from now on can only be
  /// discarded.
  Awaitable<void> end_sending();

 private:
  Socket tcp_;
  std::unique_ptr<asio::ssl::stream<Socket&>> tls_;
  bool ended_ = false;
};

}  // namespace sconce::server::net
