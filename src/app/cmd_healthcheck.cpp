#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>
#include <regex>
#include <utility>

#include "app/address.h"
#include "app/commands.h"
#include "app/settings.h"

namespace app {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Target {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;
};

std::optional<Target> parse(const std::string& url) {
  std::smatch parts;
  if (!std::regex_match(url, parts,
                        std::regex(R"(http(s?)://([^/:\[\]]+|\[[^\]]+\])(?::(\d+))?(/.*)?)")))
    return std::nullopt;
  const bool tls = parts[1].length() > 0;
  std::string host = parts[2];
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return Target{.tls = tls,
                .host = host,
                .port = parts[3].matched ? parts[3].str() : (tls ? "443" : "80"),
                .path = parts[4].matched ? parts[4].str() : "/"};
}

template <typename Stream>
asio::awaitable<std::string> exchange(Stream& stream, const Target& target) {
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.path, target.host);
  co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
  std::string answer;
  const auto size = co_await asio::async_read_until(stream, asio::dynamic_buffer(answer), "\r\n",
                                                    asio::use_awaitable);
  co_return answer.substr(0, size - 2);
}

asio::awaitable<std::string> get(const Target& target) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto found = co_await resolver.async_resolve(target.host, target.port, asio::use_awaitable);
  // The certificate is not checked: the question is whether the relay answers, not who it is.
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<tcp::socket> stream(executor, context);
  co_await asio::async_connect(stream.lowest_layer(), found, asio::use_awaitable);
  if (!target.tls) co_return co_await exchange(stream.next_layer(), target);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await exchange(stream, target);
}

/// The status line of a GET, or "" when there is no answer within 5 seconds.
std::string ask(const Target& target) {
  asio::io_context context;
  std::string status;
  asio::co_spawn(context, get(target), [&](const std::exception_ptr& failure, std::string line) {
    if (!failure) status = std::move(line);
  });
  context.run_for(std::chrono::seconds(5));
  return status;
}

}  // namespace

int cmd_healthcheck(const std::string& config_path, const std::string& url) {
  std::string address = url;
  if (address.empty()) {
    Settings settings;
    if (!load(settings, config_path)) return 1;
    const auto& core = settings.core;
    address =
        fmt::format("http{}://{}/health", core.network.tls_cert.empty() ? "" : "s",
                    url_authority(core.server.host, static_cast<std::uint16_t>(core.server.port)));
  }
  const auto target = parse(address);
  if (!target) {
    fmt::print(stderr, "{}: not an http:// address; write http://host:port/health\n", address);
    return 1;
  }
  const std::string status = ask(*target);
  if (status.starts_with("HTTP/1.1 200")) {
    fmt::print("{}: healthy\n", address);
    return 0;
  }
  fmt::print(stderr, "{}: {}\n", address,
             status.empty() ? "no answer; is the relay running?" : status);
  return 1;
}

}  // namespace app
