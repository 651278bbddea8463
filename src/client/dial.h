#pragma once
// How a client reaches a server: name, TCP, and TLS with a certificate that is checked.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "nostr/nip42.h"

namespace client {

using TcpStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<TcpStream>;

/// wss:// or https://, in any case.
[[nodiscard]] bool wants_tls(std::string_view url);

/// As it stands in a Host header.
[[nodiscard]] std::string authority(const nostr::RelayUrl& url);

/// Connects; looking up the name is not under the timeout. Throws what goes wrong (boost::system::system_error).
[[nodiscard]] boost::asio::awaitable<void> dial(TcpStream& stream, const nostr::RelayUrl& url,
                                                std::chrono::seconds timeout);

/// Trusts the system's authorities, or those in SSL_CERT_FILE.
[[nodiscard]] boost::asio::ssl::context checking_tls();
/// The certificate must be good for this host. Throws. Before the handshake.
void expect_host(TlsStream& stream, const nostr::RelayUrl& url);

}  // namespace client
