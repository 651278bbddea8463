#include "relay_client.h"

#include <netinet/in.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace bench {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

RelayClient::RelayClient(ClientContext& context, std::size_t index)
    : context_(context), socket_(context.io), index_(index) {}

void RelayClient::open(std::optional<asio::ip::address> source,
                       std::function<void(std::string)> done) {
  opened_ = std::move(done);
  error_code error;
  socket_.open(context_.address.endpoint.protocol(), error);
  if (!error && source) {
    // Without it bind() reserves the port for every destination, and the port range ends after
    // 28,000.
    const int yes = 1;
    ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    socket_.bind({*source, 0}, error);
  }
  if (error) return asio::post(context_.io, [this, error] { lose(error.message()); });
  socket_.async_connect(context_.address.endpoint, [this](const error_code& failure) {
    if (failure) return lose(failure.message());
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    send(upgrade_request(context_.address.host, context_.address.path, context_.deflate));
    wait_readable();
  });
}

void RelayClient::finish_opening(std::string reason) {
  if (auto done = std::exchange(opened_, nullptr)) done(std::move(reason));
}

void RelayClient::wait_readable() {
  socket_.async_wait(tcp::socket::wait_read, [this](const error_code& error) {
    if (error) return lose(error.message());
    read_available();
  });
}

void RelayClient::read_available() {
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(context_.read_buffer), error);
  if (error && error != asio::error::would_block) return lose(error.message());
  take_bytes({context_.read_buffer.data(), size});
  if (!lost_) wait_readable();
}

void RelayClient::take_bytes(std::string_view bytes) {
  if (!unparsed_.empty()) bytes = unparsed_.append(bytes);
  if (upgraded_ || take_upgrade(bytes)) {
    while (!lost_) {
      const auto frame = take_frame(bytes);
      if (!frame) break;
      handle(*frame);
    }
  }
  unparsed_ = std::string(bytes);
}

bool RelayClient::take_upgrade(std::string_view& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  if (!bytes.starts_with("HTTP/1.1 101")) {
    lose("the relay answered " + std::string(bytes.substr(0, bytes.find("\r\n"))));
    return false;
  }
  bytes.remove_prefix(end + 4);
  upgraded_ = true;
  finish_opening("");
  return true;
}

void RelayClient::handle(const Frame& frame) {
  switch (frame.opcode) {
    case Opcode::text:
    case Opcode::continuation:
      if (frame.compressed)  // our relays send a message in one frame
        return context_.on_text(*this, context_.inflater.inflate(frame.payload));
      if (frame.final && message_.empty()) return context_.on_text(*this, frame.payload);
      message_ += frame.payload;
      if (frame.final) context_.on_text(*this, std::exchange(message_, {}));
      return;
    case Opcode::ping: {
      std::string pong;
      append_frame(pong, Opcode::pong, frame.payload);
      return send(pong);
    }
    case Opcode::close:
      return lose("the relay closed the connection");
    case Opcode::pong:
      return;
  }
}

void RelayClient::send(std::string_view frame) {
  out_ += frame;
  if (std::exchange(flushing_, true)) return;
  asio::post(context_.io, [this] { flush(); });
}

void RelayClient::flush() {
  if (lost_) return;
  error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(out_), error);
  if (error && error != asio::error::would_block) return lose(error.message());
  out_.erase(0, sent);
  if (out_.empty()) {
    flushing_ = false;
    return;
  }
  socket_.async_wait(tcp::socket::wait_write, [this](const error_code&) { flush(); });
}

void RelayClient::lose(std::string reason) {
  if (std::exchange(lost_, true)) return;
  error_code ignored;
  socket_.close(ignored);
  if (opened_) return finish_opening(std::move(reason));
  if (context_.on_lost) context_.on_lost(*this);
}

}  // namespace bench
