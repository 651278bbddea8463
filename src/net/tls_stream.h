#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

struct ssl_st;

namespace net {

/// The server's side of TLS over one connected, non-blocking socket, straight on its descriptor: between records OpenSSL
/// keeps no buffer for it. One pointer; empty where a connection has no TLS. Not thread-safe; the descriptor must stay open
/// while it is used.
class TlsStream {
 public:
  TlsStream() = default;
  /// Takes over `ssl`, which must be fresh.
  TlsStream(ssl_st* ssl, int descriptor);

  [[nodiscard]] explicit operator bool() const { return ssl_ != nullptr; }

  /// What the next record holds, the handshake done first: 0 bytes if it is not there yet; nullopt: the stream has ended.
  /// REQUIRES: room for a whole record, 16 KiB; so nothing that has arrived stays inside unseen.
  [[nodiscard]] std::optional<std::size_t> receive(std::span<char> into);
  /// How much of it the kernel took; nullopt: the stream has ended. What was not taken must come first the next time.
  [[nodiscard]] std::optional<std::size_t> send(std::string_view bytes);
  /// The handshake can only go on once the socket is writable.
  [[nodiscard]] bool handshake_wants_write() const;
  /// Tells the peer that nothing more follows (close_notify).
  void finish();

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  std::unique_ptr<ssl_st, Free> ssl_;
};

}  // namespace net
