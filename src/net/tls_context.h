#pragma once
#include <expected>
#include <memory>
#include <string>

#include "base/published.h"
#include "net/tls_stream.h"

struct ssl_ctx_st;

namespace net {

/// PEM files: the certificate with its chain, leaf first, and its private key without a passphrase.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

/// What TLS connections begin with: certificate and key, and what is spoken (TLS 1.2 and 1.3, ALPN http/1.1). Thread-safe.
class TlsContext {
 public:
  /// The error names the file and what to do about it.
  [[nodiscard]] static std::expected<std::shared_ptr<TlsContext>, std::string> load(
      const TlsFiles& files);
  /// Reads certificate and key again, for connections that begin from now on; open ones go on as they are. After an error
  /// nothing has changed.
  [[nodiscard]] std::expected<void, std::string> reload(const TlsFiles& files);

  /// The stream of a connection that a client opened; empty when memory has run out.
  [[nodiscard]] TlsStream accept(int descriptor) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  using Handle = std::unique_ptr<ssl_ctx_st, Free>;

  explicit TlsContext(Handle handle) : current_(std::move(handle)) {}
  [[nodiscard]] static std::expected<Handle, std::string> read(const TlsFiles& files);

  base::Published<Handle> current_;
};

}  // namespace net
