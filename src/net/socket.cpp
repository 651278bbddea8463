#include "net/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>

#include "net/tls_context.h"

namespace net {
namespace {

const base::IpAddress loopback{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};

base::IpAddress mapped(const sockaddr_in& v4) {
  base::IpAddress address = loopback;
  std::memcpy(address.value.bytes.data() + 12, &v4.sin_addr, 4);
  return address;
}

}  // namespace

Socket::Socket(StreamSocket socket, Loop::Place place)
    : socket_(std::move(socket)), place_(std::move(place)) {
  // A peer that is gone already is noticed at the first read; a Unix socket has no such option.
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

void Socket::begin_tls(const TlsContext& context) {
  tls_ = context.accept(socket_.native_handle());
  if (!tls_) close();
}

Peer Socket::peer() {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(socket_.native_handle(), reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return {};
  if (storage.ss_family == AF_UNIX) return {loopback, true};
  if (storage.ss_family == AF_INET) return {mapped(reinterpret_cast<const sockaddr_in&>(storage))};
  Peer peer;
  std::ranges::copy(reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr.s6_addr,
                    peer.address.value.bytes.begin());
  return peer;
}

std::optional<std::size_t> Socket::receive(std::span<char> into) {
  if (tls_) return tls_.receive(into);
  ssize_t size;
  do {
    size = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size > 0) return static_cast<std::size_t>(size);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  return std::nullopt;
}

std::optional<std::size_t> Socket::send_now(std::string_view bytes) {
  if (tls_) return tls_.send(bytes);
  ssize_t size;
  do {
    size = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (size < 0 && errno == EINTR);
  if (size >= 0) return static_cast<std::size_t>(size);
  if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
  return std::nullopt;
}

bool Socket::send(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (rest_) {
    rest_->bytes.append(bytes);
    return true;
  }
  const auto sent = send_now(bytes);
  if (!sent) return false;
  if (*sent < bytes.size()) rest_ = std::make_unique<Rest>(std::string(bytes.substr(*sent)));
  return true;
}

bool Socket::send_rest() {
  if (!rest_) return true;
  const auto sent = send_now(std::string_view(rest_->bytes).substr(rest_->sent));
  if (!sent) return false;
  rest_->sent += *sent;
  if (unsent() == 0) rest_.reset();
  return true;
}

void Socket::shut_down_sending() {
  boost::system::error_code ignored;
  if (tls_) tls_.finish();
  socket_.shutdown(StreamSocket::shutdown_send, ignored);
}

void Socket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  tls_ = {};
  rest_.reset();
  place_.release();
}

}  // namespace net
