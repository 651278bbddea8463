#include "client/http_post.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "client/dial.h"

namespace client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;

constexpr std::uint64_t max_reply_bytes = 64ULL * 1024 * 1024;

http::request<http::string_body> request_of(const HttpPost& post, const nostr::RelayUrl& url) {
  http::request<http::string_body> request(http::verb::post, url.path.empty() ? "/" : url.path, 11);
  request.set(http::field::host, authority(url));
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : post.headers) request.set(name, value);
  request.body() = post.body;
  request.prepare_payload();
  return request;
}

template <typename Stream>
asio::awaitable<HttpReply> exchange(Stream& stream, const HttpPost& post,
                                    const nostr::RelayUrl& url) {
  const auto request = request_of(post, url);
  auto& lowest = beast::get_lowest_layer(stream);
  lowest.expires_after(post.timeout);
  co_await http::async_write(stream, request, use_awaitable);
  lowest.expires_after(post.timeout);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(max_reply_bytes);
  co_await http::async_read(stream, buffer, parser, use_awaitable);
  co_return HttpReply{parser.get().result_int(), std::move(parser.get().body())};
}

asio::awaitable<HttpReply> ask(const HttpPost& post, const nostr::RelayUrl& url) {
  const auto executor = co_await asio::this_coro::executor;
  if (!wants_tls(post.url)) {
    TcpStream stream(executor);
    co_await dial(stream, url, post.timeout);
    co_return co_await exchange(stream, post, url);
  }
  auto context = checking_tls();
  TlsStream stream(executor, context);
  expect_host(stream, post.known_as.empty() ? url : *nostr::parse_relay_url(post.known_as));
  co_await dial(stream.next_layer(), url, post.timeout);
  co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
  co_return co_await exchange(stream, post, url);
}

}  // namespace

asio::awaitable<std::expected<HttpReply, std::string>> send(HttpPost post) {
  const nostr::RelayUrl url = *nostr::parse_relay_url(post.url);
  try {
    co_return co_await ask(post, url);
  } catch (const boost::system::system_error& error) {
    if (error.code() == beast::error::timeout)
      co_return std::unexpected("the relay said nothing for too long");
    co_return std::unexpected(error.code().message());
  }
}

}  // namespace client
