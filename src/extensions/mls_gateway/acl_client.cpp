#include "extensions/mls_gateway/acl_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace extensions::mls_gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t max_response_bytes = 16 * 1024;
constexpr std::size_t max_idle_connections = 16;

using Result = std::expected<AclAnswer, AclError>;
using Request = http::request<http::empty_body>;
using Parser = http::response_parser<http::string_body>;

/// To the sidecar; the TLS part is unused for http://.
struct Connection {
  Connection(const asio::any_io_executor& executor, asio::ssl::context& context)
      : stream(executor, context), buffer(max_response_bytes) {}

  asio::ssl::stream<tcp::socket> stream;
  boost::beast::flat_buffer buffer;
};
using ConnectionPtr = std::unique_ptr<Connection>;

/// An exchange, shared by who waits for it and what carries it out.
struct Exchange {
  explicit Exchange(const asio::any_io_executor& executor) : deadline(executor) {}

  asio::steady_timer deadline;  ///< ends early when there is a result
  asio::cancellation_signal give_up;
  std::optional<Result> result{};
};

Result failed(const error_code& error) {
  const bool hung_up = error == http::error::end_of_stream;
  const bool not_http = error.category() == make_error_code(http::error::end_of_stream).category();
  return std::unexpected(not_http && !hung_up ? AclError::malformed : AclError::unreachable);
}

bool is_address(const std::string& host) {
  error_code not_one;
  asio::ip::make_address(host, not_one);
  return !not_one;
}

// What these throw is caught once, in Client::exchange_or_fail.
template <typename Stream>
asio::awaitable<void> converse(Stream& stream, boost::beast::flat_buffer& buffer,
                               const Request& request, Parser& parser) {
  co_await http::async_write(stream, request, use_awaitable);
  co_await http::async_read(stream, buffer, parser, use_awaitable);
}

class Client {
 public:
  Client(asio::any_io_executor executor, AclClientOptions options)
      : executor_(std::move(executor)), options_(std::move(options)) {}

  [[nodiscard]] error_code trust_system_cas() {
    error_code error;
    tls_.set_verify_mode(asio::ssl::verify_peer);
    tls_.set_default_verify_paths(error);
    return error;
  }

  /// Ends with the deadline even where the system cannot be interrupted (a name being looked up).
  static asio::awaitable<Result> ask(std::shared_ptr<Client> self, nostr::PublicKey key,
                                     std::string group) {
    auto exchange = std::make_shared<Exchange>(self->executor_);
    exchange->deadline.expires_after(self->options_.timeout);
    auto finished = [self, exchange](const std::exception_ptr& failure, Result result) {
      exchange->result = failure ? Result(std::unexpected(AclError::unreachable)) : result;
      exchange->deadline.expires_at(SteadyTime::min());
    };
    asio::co_spawn(self->executor_, self->exchange_or_fail(self->request_for(key, group)),
                   asio::bind_cancellation_slot(exchange->give_up.slot(), std::move(finished)));
    error_code woken;
    co_await exchange->deadline.async_wait(asio::redirect_error(use_awaitable, woken));
    if (exchange->result) co_return *exchange->result;
    exchange->give_up.emit(asio::cancellation_type::terminal);
    co_return std::unexpected(AclError::timed_out);
  }

 private:
  Request request_for(const nostr::PublicKey& key, std::string_view group) const {
    Request request(http::verb::get, acl_target(options_.url, key, group), 11);
    request.set(http::field::host, options_.url.authority);
    request.set(http::field::accept, "application/json");
    if (!options_.token.empty())
      request.set(http::field::authorization, fmt::format("Bearer {}", options_.token));
    return request;
  }

  asio::awaitable<Result> exchange_or_fail(Request request) {
    try {
      // The sidecar may have ended an idle connection meanwhile: that says nothing about it.
      while (!idle_.empty()) {
        const auto result = co_await over_idle(request);
        if (result) co_return *result;
      }
      auto connection = co_await connect();
      co_return co_await over(std::move(connection), request);
    } catch (const boost::system::system_error& error) {
      co_return failed(error.code());
    }
  }

  /// nullopt: the connection was of no use any more.
  asio::awaitable<std::optional<Result>> over_idle(const Request& request) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    try {
      co_return co_await over(std::move(connection), request);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) throw;
      const Result result = failed(error.code());
      if (result.error() == AclError::malformed) co_return result;
    }
    co_return std::nullopt;
  }

  asio::awaitable<Result> over(ConnectionPtr connection, const Request& request) {
    Parser parser;
    parser.header_limit(max_response_bytes);
    parser.body_limit(max_response_bytes);
    if (options_.url.tls)
      co_await converse(connection->stream, connection->buffer, request, parser);
    else
      co_await converse(connection->stream.next_layer(), connection->buffer, request, parser);
    const auto& response = parser.get();
    const bool more_than_asked = connection->buffer.size() != 0;
    if (response.keep_alive() && !more_than_asked && idle_.size() < max_idle_connections)
      idle_.push_back(std::move(connection));
    co_return read_acl_answer(response.result_int(), response.body());
  }

  asio::awaitable<ConnectionPtr> connect() {
    auto connection = std::make_unique<Connection>(executor_, tls_);
    auto& socket = connection->stream.next_layer();
    tcp::resolver resolver(executor_);
    const auto found =
        co_await resolver.async_resolve(options_.url.host, options_.url.port, use_awaitable);
    co_await asio::async_connect(socket, found, use_awaitable);
    socket.set_option(tcp::no_delay(true));
    if (options_.url.tls) co_await handshake(connection->stream);
    co_return connection;
  }

  asio::awaitable<void> handshake(asio::ssl::stream<tcp::socket>& stream) {
    const std::string& host = options_.url.host;
    // RFC 6066 §3: a server name is a name, never an address.
    if (!is_address(host)) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(host));
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
  }

  asio::any_io_executor executor_;
  AclClientOptions options_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::vector<ConnectionPtr> idle_;
};

}  // namespace

std::expected<AskSidecar, std::string> make_acl_client(asio::any_io_executor executor,
                                                       AclClientOptions options) {
  if (std::ranges::any_of(options.token, [](char c) { return c < ' ' || c == 0x7F; }))
    return std::unexpected(
        "acl_token has control characters; write it on one line, in plain ASCII");
  const bool tls = options.url.tls;
  auto client = std::make_shared<Client>(std::move(executor), std::move(options));
  if (const auto error = client->trust_system_cas(); tls && error)
    return std::unexpected(fmt::format(
        "the CA certificates of this system could not be read ({}); install ca-certificates, or "
        "let acl_url be http:// to a sidecar on the same machine",
        error.message()));
  return [client = std::move(client)](nostr::PublicKey key, std::string group) {
    return Client::ask(client, key, std::move(group));
  };
}

}  // namespace extensions::mls_gateway
