#include "client/web_socket.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "client/dial.h"

namespace client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::use_awaitable;

std::string sentence(const boost::system::system_error& error) {
  const auto& code = error.code();
  if (code == beast::error::timeout) return "the relay said nothing for too long";
  if (code == websocket::error::closed) return "the relay closed the connection";
  if (code == websocket::error::upgrade_declined)
    return "there is no relay at this address: it declines the WebSocket";
  return code.message();
}

/// The WebSocket over `Stream`: plain TCP, or TLS.
template <typename Stream>
class Client final : public WebSocket {
 public:
  template <typename... Arguments>
  explicit Client(const Options& options, Arguments&&... arguments)
      : stream_(std::forward<Arguments>(arguments)...) {
    stream_.read_message_max(options.max_message_bytes);
    stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = options.timeout,
                                                       .idle_timeout = options.timeout,
                                                       .keep_alive_pings = false});
  }

  // These two throw what goes wrong; connect() catches it.
  asio::awaitable<void> reach(const nostr::RelayUrl& url, const Options& options) {
    co_await dial(beast::get_lowest_layer(stream_), url, options.timeout);
  }
  asio::awaitable<void> upgrade(const nostr::RelayUrl& url) {
    beast::get_lowest_layer(stream_).expires_never();  // the WebSocket has timeouts of its own
    const std::string path = url.path.empty() ? "/" : url.path;
    co_await stream_.async_handshake(authority(url), path, use_awaitable);
  }
  [[nodiscard]] Stream& below() { return stream_.next_layer(); }

  Outcome<void> send(std::string_view text) override {
    try {
      co_await stream_.async_write(asio::buffer(text), use_awaitable);
      co_return std::expected<void, std::string>{};
    } catch (const boost::system::system_error& error) {
      co_return std::unexpected(sentence(error));
    }
  }

  Outcome<std::string> receive() override {
    try {
      std::string text;
      auto buffer = asio::dynamic_buffer(text);
      co_await stream_.async_read(buffer, use_awaitable);
      co_return text;
    } catch (const boost::system::system_error& error) {
      co_return std::unexpected(sentence(error));
    }
  }

  asio::awaitable<void> close() override {
    try {
      co_await stream_.async_close(websocket::close_code::normal, use_awaitable);
    } catch (const boost::system::system_error&) {
      // It is closed.
    }
  }

 private:
  websocket::stream<Stream> stream_;
};

asio::awaitable<std::unique_ptr<WebSocket>> connect_plain(const nostr::RelayUrl& url,
                                                          const WebSocket::Options& options) {
  auto client = std::make_unique<Client<TcpStream>>(options, co_await asio::this_coro::executor);
  co_await client->reach(url, options);
  co_await client->upgrade(url);
  co_return client;
}

asio::awaitable<std::unique_ptr<WebSocket>> connect_tls(const nostr::RelayUrl& url,
                                                        const WebSocket::Options& options) {
  auto context = checking_tls();  // each stream keeps what it needs of it
  auto client =
      std::make_unique<Client<TlsStream>>(options, co_await asio::this_coro::executor, context);
  expect_host(client->below(), url);
  co_await client->reach(url, options);
  co_await client->below().async_handshake(asio::ssl::stream_base::client, use_awaitable);
  co_await client->upgrade(url);
  co_return client;
}

}  // namespace

bool WebSocket::is_url(std::string_view text) {
  const std::string scheme = nostr::url_scheme(text);
  return (scheme == "ws" || scheme == "wss") && nostr::parse_relay_url(text).has_value();
}

WebSocket::Outcome<std::unique_ptr<WebSocket>> WebSocket::connect(std::string_view text,
                                                                  Options options) {
  const nostr::RelayUrl url = *nostr::parse_relay_url(text);
  try {
    if (wants_tls(text)) co_return co_await connect_tls(url, options);
    co_return co_await connect_plain(url, options);
  } catch (const boost::system::system_error& error) {
    co_return std::unexpected(sentence(error));
  }
}

}  // namespace client
