#pragma once
// Who a client is when a proxy stands in between. Pure: no I/O.
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "relay/extension/http_api.h"

namespace net {

/// The other end of a socket.
struct Peer {
  base::IpAddress address{};  ///< loopback for a Unix socket; all zero when it cannot be told
  bool local = false;         ///< a Unix socket
};

/// The proxies whose word about a client's address is taken. Immutable.
class TrustedProxies {
 public:
  /// Addresses, ranges ("10.0.0.0/8") and "unix" for whoever connects to the Unix socket. What is none of these is left
  /// out: the configuration refuses it.
  explicit TrustedProxies(const std::vector<std::string>& entries = {});

  [[nodiscard]] bool trusts(const Peer& peer) const;

  /// The client of a request that came from `peer`; nullopt: a trusted proxy's headers do not say.
  ///
  /// Only of a trusted peer are the headers read: Forwarded (RFC 7239), X-Forwarded-For and X-Real-IP, each from right to
  /// left, and the first address that is no trusted proxy is the client: what stands left of it, the client may have
  /// written itself. Proxies pass on the headers they do not know, so where two headers name different clients, or one
  /// cannot be read, none is believed.
  [[nodiscard]] std::optional<base::IpAddress> client_of(const Peer& peer,
                                                         const relay::HttpRequest& request) const;

 private:
  struct Unreadable {};

  [[nodiscard]] bool trusts(const base::IpAddress& address) const;
  /// Of what the headers of this name list from right to left, the first address that is no trusted proxy, else the last
  /// of all; nullopt: nothing is listed.
  [[nodiscard]] std::expected<std::optional<base::IpAddress>, Unreadable> farthest(
      const relay::HttpRequest& request, std::string_view name) const;

  std::vector<base::IpNetwork> networks_;
  bool unix_ = false;
};

}  // namespace net
