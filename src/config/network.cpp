#include "config/network.h"

#include <fmt/format.h>

#include "base/ip_network.h"

namespace config {
namespace {

using base::each;
using Problem = std::optional<std::string>;

/// Of certificate and key, both or none.
base::Setting::Check together(const std::string& mine, const std::string& other,
                              const char* other_key) {
  return [&mine, &other, other_key]() -> Problem {
    if (mine.empty() || !other.empty()) return std::nullopt;
    return fmt::format("needs server.{} as well", other_key);
  };
}

Problem check_proxy(const std::string& entry) {
  if (entry == "unix" || base::parse_ip_network(entry)) return std::nullopt;
  return "is not an address; write it like \"192.0.2.1\", \"10.0.0.0/8\", \"2001:db8::/32\" or "
         "\"unix\"";
}

void declare_tls(base::Settings& settings, Network& network) {
  settings.add({"server",
                "tls_cert",
                "PEM file of the certificate and those that signed it; the port then speaks TLS "
                "(wss://) only. \"\" = no TLS. Read again at a reload.",
                &network.tls_cert,
                together(network.tls_cert, network.tls_key, "tls_key"),
                {},
                true});
  settings.add({"server",
                "tls_key",
                "PEM file of the certificate's private key, without a passphrase.",
                &network.tls_key,
                together(network.tls_key, network.tls_cert, "tls_cert"),
                {},
                true});
}

void declare_doors(base::Settings& settings, Network& network) {
  settings.add({"server",
                "unix_socket",
                "Path of a Unix socket to serve besides the port, for a proxy on this machine; "
                "\"\" = none.",
                &network.unix_socket,
                {},
                {}});
  settings.add(
      {"server",
       "trusted_proxies",
       "Proxies whose Forwarded, X-Forwarded-For or X-Real-IP names the client: addresses, "
       "ranges, \"unix\" for the Unix socket.",
       &network.trusted_proxies,
       each(network.trusted_proxies, check_proxy),
       {},
       true});
}

void declare_times(base::Settings& settings, Network& network) {
  settings.add({"server",
                "handshake_timeout_s",
                "Seconds in which a TLS handshake and a request must be complete.",
                &network.handshake_timeout_s,
                base::in_range(network.handshake_timeout_s, 2, 60),
                {},
                true});
  settings.add({"server",
                "ping_interval_s",
                "Seconds of silence after which a WebSocket is pinged; keep it below the time-out "
                "of proxies, often 60.",
                &network.ping_interval_s,
                base::in_range(network.ping_interval_s, 2, 3600),
                {},
                true});
  settings.add(
      {"server",
       "idle_timeout_s",
       "Seconds of silence, answers to pings included, after which a WebSocket is dropped.",
       &network.idle_timeout_s,
       [&network, range = base::in_range(network.idle_timeout_s, 4, 7200)]() -> Problem {
         if (Problem problem = range()) return problem;
         if (network.idle_timeout_s >= network.ping_interval_s + 2) return std::nullopt;
         return fmt::format("must be 2 above server.ping_interval_s = {} at least",
                            network.ping_interval_s);
       },
       {},
       true});
  settings.add({"server",
                "drain_s",
                "Seconds over which SIGTERM spreads the end of open WebSockets, so that clients do "
                "not all come back at once; the relay ends at most 4 s later.",
                &network.drain_s,
                base::in_range(network.drain_s, 0, 300),
                {},
                true});
}

}  // namespace

void declare_network(base::Settings& settings, Network& network) {
  declare_tls(settings, network);
  declare_doors(settings, network);
  declare_times(settings, network);
}

}  // namespace config
