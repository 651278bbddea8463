#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

namespace net {
namespace {

constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// A client that offers protocols must have offered ours (RFC 7301 §3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, http11, sizeof http11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Nobody is asked for a passphrase: a relay starts unattended.
int no_passphrase(char*, int, int, void*) { return -1; }

void set_up(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Of TLS 1.2 what is as good as TLS 1.3: forward secrecy and authenticated encryption.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Without buffers between records an idle connection takes 14 kB, not 29.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Records without data (TLS 1.3 KeyUpdate) end a read too: one client's stream of them must not keep a worker.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  // Sessions are resumed from tickets, which the client keeps.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

std::optional<std::string> unreadable(std::string_view setting, const std::string& path) {
  errno = 0;
  if (std::ifstream(path).peek() != std::ifstream::traits_type::eof()) return std::nullopt;
  return fmt::format("[server] {}: {} cannot be read: {}; name a PEM file that the relay may read",
                     setting, path, errno ? std::generic_category().message(errno) : "it is empty");
}

std::string last_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason ? reason : "unknown error";
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

std::expected<TlsContext::Handle, std::string> TlsContext::read(const TlsFiles& files) {
  if (auto problem = unreadable("tls_cert", files.certificate)) return std::unexpected(*problem);
  if (auto problem = unreadable("tls_key", files.key)) return std::unexpected(*problem);
  Handle handle(SSL_CTX_new(TLS_server_method()));
  set_up(handle.get());
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(handle.get(), files.certificate.c_str()) != 1)
    return std::unexpected(fmt::format(
        "[server] tls_cert: {} holds no certificate in PEM form ({}); write the server's "
        "certificate first, then those that signed it",
        files.certificate, last_error()));
  const bool fits =
      SSL_CTX_use_PrivateKey_file(handle.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (fits) return handle;
  const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
                     ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
  if (other)
    return std::unexpected(
        fmt::format("[server] tls_key: {} is not the key of the certificate in {}; name the two "
                    "that were made together",
                    files.key, files.certificate));
  return std::unexpected(
      fmt::format("[server] tls_key: {} holds no private key in PEM form that can be used ({}); it "
                  "must have no passphrase",
                  files.key, last_error()));
}

std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::load(const TlsFiles& files) {
  auto handle = read(files);
  if (!handle) return std::unexpected(std::move(handle.error()));
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(*handle)));
}

std::expected<void, std::string> TlsContext::reload(const TlsFiles& files) {
  auto handle = read(files);
  if (!handle) return std::unexpected(std::move(handle.error()));
  current_.set(std::move(*handle));
  return {};
}

TlsStream TlsContext::accept(int descriptor) const {
  SSL* ssl = SSL_new(current_.get()->get());  // keeps its context
  return ssl ? TlsStream(ssl, descriptor) : TlsStream();
}

}  // namespace net
