#include "app/http_get.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <regex>
#include <utility>

namespace app {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t max_answer_bytes = 64UL * 1024;

template <typename Stream>
asio::awaitable<std::string> exchange(Stream& stream, const HttpTarget& target) {
  const std::string request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.path,
                  target.host.empty() ? "localhost" : target.host);
  co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
  std::string answer;
  boost::system::error_code end;
  co_await asio::async_read(stream, asio::dynamic_buffer(answer, max_answer_bytes),
                            asio::redirect_error(asio::use_awaitable, end));
  co_return answer;
}

asio::awaitable<std::string> ask_unix(const HttpTarget& target) {
  using asio::local::stream_protocol;
  stream_protocol::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(stream_protocol::endpoint(target.unix_socket), asio::use_awaitable);
  co_return co_await exchange(socket, target);
}

asio::awaitable<std::string> ask_tcp(const HttpTarget& target) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto found = co_await resolver.async_resolve(target.host, target.port, asio::use_awaitable);
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<tcp::socket> stream(executor, context);
  co_await asio::async_connect(stream.lowest_layer(), found, asio::use_awaitable);
  if (!target.tls) co_return co_await exchange(stream.next_layer(), target);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await exchange(stream, target);
}

std::string reason_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code().message();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

std::optional<HttpTarget> parse_http_target(const std::string& url) {
  constexpr std::string_view unix_scheme = "unix:";
  if (url.starts_with(unix_scheme) && url.size() > unix_scheme.size())
    return HttpTarget{.unix_socket = url.substr(unix_scheme.size())};
  std::smatch parts;
  if (!std::regex_match(url, parts,
                        std::regex(R"(http(s?)://([^/:\[\]]+|\[[^\]]+\])(?::(\d+))?(/.*)?)")))
    return std::nullopt;
  const bool tls = parts[1].length() > 0;
  std::string host = parts[2];
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return HttpTarget{.tls = tls,
                    .host = host,
                    .port = parts[3].matched ? parts[3].str() : (tls ? "443" : "80"),
                    .path = parts[4].matched ? parts[4].str() : "/"};
}

std::expected<HttpAnswer, std::string> http_get(const HttpTarget& target,
                                                std::chrono::seconds timeout) {
  asio::io_context context;
  std::expected<std::string, std::string> answer =
      std::unexpected(fmt::format("no answer within {} seconds", timeout.count()));
  auto done = [&](const std::exception_ptr& failure, std::string text) {
    if (failure)
      answer = std::unexpected(reason_of(failure));
    else
      answer = std::move(text);
  };
  auto work = target.unix_socket.empty() ? ask_tcp(target) : ask_unix(target);
  asio::co_spawn(context, std::move(work), std::move(done));
  context.run_for(timeout);
  if (!answer) return std::unexpected(std::move(answer.error()));
  const std::size_t line_end = answer->find("\r\n"), head_end = answer->find("\r\n\r\n");
  if (head_end == answer->npos) return std::unexpected("what answers there does not speak HTTP");
  return HttpAnswer{answer->substr(0, line_end), answer->substr(head_end + 4)};
}

}  // namespace app
