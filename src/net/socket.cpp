#include "net/socket.h"

#include <sys/socket.h>

#include <boost/asio/ip/address_v6.hpp>
#include <cerrno>

namespace net {

Socket::Socket(TcpSocket socket, Loop::Place place)
    : socket_(std::move(socket)), place_(std::move(place)) {
  boost::system::error_code ignored;  // a peer that is gone already is noticed at the first read
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

base::IpAddress Socket::peer() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  base::IpAddress address;
  if (error) return address;
  const auto ip = endpoint.address();
  address.value.bytes =
      (ip.is_v4() ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, ip.to_v4())
                  : ip.to_v6())
          .to_bytes();
  return address;
}

std::optional<std::size_t> Socket::receive(std::span<char> into) {
  ssize_t size;
  do {
    size = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size > 0) return static_cast<std::size_t>(size);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  return std::nullopt;
}

std::optional<std::size_t> Socket::send_now(std::string_view bytes) {
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
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void Socket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  rest_.reset();
  place_.release();
}

}  // namespace net
