#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace net {
namespace {

constexpr std::string_view speak_tls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "this port speaks TLS: use https:// or wss://\n";

int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int read_socket(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(descriptor_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && would_block()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size),
                           MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

struct FreeMethod {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

/// OpenSSL's own socket BIO raises SIGPIPE when the peer has gone; this one does not.
BIO_METHOD* socket_method() {
  static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
    std::unique_ptr<BIO_METHOD, FreeMethod> made(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket"));
    BIO_meth_set_read(made.get(), read_socket);
    BIO_meth_set_write(made.get(), write_socket);
    BIO_meth_set_ctrl(made.get(), control);
    return made;
  }();
  return method.get();
}

/// Someone typed http:// or ws://. What they sent is taken, else closing would make the kernel take the answer back.
void answer_in_clear(const SSL* ssl, std::span<char> scratch) {
  const int descriptor = descriptor_of(SSL_get_rbio(ssl));
  ::recv(descriptor, scratch.data(), scratch.size(), MSG_DONTWAIT);
  ::send(descriptor, speak_tls.data(), speak_tls.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

void TlsStream::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsStream::TlsStream(ssl_st* ssl, int descriptor) : ssl_(ssl) {
  BIO* bio = BIO_new(socket_method());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_accept_state(ssl);
}

std::optional<std::size_t> TlsStream::receive(std::span<char> into) {
  ERR_clear_error();  // what others left there would be taken for ours
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
  if (result == 1) return size;
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) answer_in_clear(ssl_.get(), into);
  return std::nullopt;
}

std::optional<std::size_t> TlsStream::send(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {  // one record at a time
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data() + sent, bytes.size() - sent, &size);
    if (result != 1) {
      if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE) break;
      return std::nullopt;
    }
    sent += size;
  }
  return sent;
}

bool TlsStream::handshake_wants_write() const {
  return SSL_in_init(ssl_.get()) == 1 && SSL_want_write(ssl_.get());
}

void TlsStream::finish() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
}

}  // namespace net
