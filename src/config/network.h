#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/settings.h"

namespace config {

/// The keys of [server] beyond address and port: how connections come in, how long they stay.
struct Network {
  std::string tls_cert;
  std::string tls_key;
  std::string unix_socket;
  std::vector<std::string> trusted_proxies;
  std::int64_t handshake_timeout_s = 10;
  std::int64_t ping_interval_s = 40;
  std::int64_t idle_timeout_s = 80;
  std::int64_t drain_s = 3;
};

/// `network` must outlive `settings` and must not move meanwhile.
void declare_network(base::Settings& settings, Network& network);

}  // namespace config
