#pragma once
// A blocking TCP client that speaks bytes, HTTP and WebSocket frames, so that tests see exactly
// what is on the wire.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "unit/net/client_frames.h"

namespace test {

inline constexpr std::string_view upgrade_head =
    "GET / HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct Reply {
  int status = 0;
  std::string head;  ///< with the status line
  std::string body = {};
};

struct Frame {
  std::uint8_t opcode = 0;  ///< 0xFF: the stream has ended
  std::string payload = {};

  std::uint16_t close_code() const {
    if (opcode != close_opcode || payload.size() < 2) return 0;
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                      static_cast<std::uint8_t>(payload[1]));
  }
};

/// Throws, and so fails the test, when the server says nothing for 10 s.
class RawClient {
 public:
  /// A socket that is connected already; the client closes it.
  struct Connected {
    int fd;
  };
  explicit RawClient(Connected socket) : fd_(socket.fd) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  explicit RawClient(int family = AF_INET)
      : RawClient(Connected{::socket(family, SOCK_STREAM, 0)}) {}
  explicit RawClient(std::uint16_t port) : RawClient() { connect(port); }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        tls_(std::exchange(other.tls_, nullptr)),
        input_(std::move(other.input_)) {}
  static RawClient of_ipv6(std::uint16_t port) {
    RawClient client(AF_INET6);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    client.connect(address);
    return client;
  }
  static RawClient of_unix_socket(const std::string& path) {
    RawClient client(AF_UNIX);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    client.connect(address);
    return client;
  }
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { disconnect(); }

  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(address);
  }
  /// What follows is TLS; false: the server refused the handshake.
  bool start_tls(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, fd_);
    return SSL_connect(tls_) == 1;
  }
  const SSL* tls() const { return tls_; }
  /// Nothing more will be sent; answers may still be read.
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }
  void disconnect() {
    SSL_free(std::exchange(tls_, nullptr));
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = tls_ ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// The next `count` bytes, fewer at the end of the stream.
  std::string read(std::size_t count) {
    while (input_.size() < count && receive()) {
    }
    return take(std::min(count, input_.size()));
  }
  /// Whether the server has ended the stream and nothing more came before.
  bool at_end() { return read(1).empty(); }

  /// A response with Content-Length; `without_body`: it answers HEAD.
  Reply read_reply(bool without_body = false) {
    std::size_t end;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return {};
    Reply reply{.head = take(end + 4)};
    reply.status = std::stoi(reply.head.substr(9));
    const auto length = reply.head.find("Content-Length: ");
    if (length != std::string::npos && !without_body)
      reply.body = read(std::stoul(reply.head.substr(length + 16)));
    return reply;
  }
  Reply request(std::string_view line, std::string_view headers = {}) {
    send(std::string(line) + " HTTP/1.1\r\nHost: relay\r\n" + std::string(headers) + "\r\n");
    return read_reply(line.starts_with("HEAD"));
  }

  Reply upgrade(std::string_view headers = {}) {
    std::string head(upgrade_head);
    send(head.insert(head.size() - 2, headers));
    return read_reply();
  }

  Frame read_frame() {
    const auto head = read(2);
    if (head.size() < 2) return {.opcode = 0xFF};
    std::size_t length = static_cast<std::uint8_t>(head[1]);
    if (length >= 126) {
      const auto extra = read(length == 126 ? 2 : 8);
      length = 0;
      for (const char byte : extra) length = length << 8 | static_cast<std::uint8_t>(byte);
    }
    return {.opcode = static_cast<std::uint8_t>(head[0] & 0x0F), .payload = read(length)};
  }
  /// The payload of the next frame, which must be text.
  std::string read_text() {
    auto next = read_frame();
    return next.opcode == text ? next.payload : "no text but opcode " + std::to_string(next.opcode);
  }
  /// The next Close frame, skipping what comes before it; 0 if the stream ends without.
  std::uint16_t read_close() {
    for (;;) {
      const auto next = read_frame();
      if (next.opcode == close_opcode) return next.close_code();
      if (next.opcode == 0xFF) return 0;
    }
  }

 private:
  template <typename Address>
  void connect(Address& address) {
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect");
  }
  bool receive() {
    char buffer[65536];
    errno = 0;
    const auto size =
        tls_ ? SSL_read(tls_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EAGAIN) throw std::runtime_error("the server said nothing");
    if (size <= 0) return false;
    input_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }
  std::string take(std::size_t count) {
    std::string taken = input_.substr(0, count);
    input_.erase(0, count);
    return taken;
  }

  int fd_;
  SSL* tls_ = nullptr;
  std::string input_;
};

}  // namespace test
