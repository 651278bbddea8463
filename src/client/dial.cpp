#include "client/dial.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace client {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

/// Without the brackets that a URL puts around an IPv6 address.
std::string bare(const std::string& host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

bool wants_tls(std::string_view url) {
  const std::string scheme = nostr::url_scheme(url);
  return scheme == "wss" || scheme == "https";
}

std::string authority(const nostr::RelayUrl& url) {
  return url.host + ":" + std::to_string(url.port);
}

asio::awaitable<void> dial(TcpStream& stream, const nostr::RelayUrl& url,
                           std::chrono::seconds timeout) {
  tcp::resolver resolver(co_await asio::this_coro::executor);
  const auto found =
      co_await resolver.async_resolve(bare(url.host), std::to_string(url.port), use_awaitable);
  stream.expires_after(timeout);
  co_await stream.async_connect(found, use_awaitable);
  stream.socket().set_option(tcp::no_delay(true));
}

asio::ssl::context checking_tls() {
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_default_verify_paths();
  context.set_verify_mode(asio::ssl::verify_peer);
  return context;
}

void expect_host(TlsStream& stream, const nostr::RelayUrl& url) {
  stream.set_verify_callback(asio::ssl::host_name_verification(bare(url.host)));
  if (SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str()) != 1)
    throw boost::system::system_error(make_error_code(boost::system::errc::invalid_argument));
}

}  // namespace client
