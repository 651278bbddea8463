#include <fmt/format.h>

#include "app/address.h"
#include "app/commands.h"
#include "app/http_get.h"
#include "app/settings.h"

namespace app {
namespace {

/// Where a relay with this configuration answers on its own machine.
std::string address_of(const config::Config& config) {
  const bool any_port = config.server.port == 0;
  if (any_port && !config.network.unix_socket.empty())
    return fmt::format("unix:{}", config.network.unix_socket);
  return fmt::format(
      "http{}://{}/readyz", config.network.tls_cert.empty() ? "" : "s",
      url_authority(config.server.host, static_cast<std::uint16_t>(config.server.port)));
}

}  // namespace

int cmd_healthcheck(const HealthCommand& command) {
  std::string address = command.url;
  if (address.empty()) {
    Settings settings;
    if (!load(settings, command.config_path)) return 1;
    address = address_of(settings.core);
  }
  const auto target = parse_http_target(address);
  if (!target) {
    fmt::print(stderr,
               "{}: not an address to ask; write http://host:port/readyz or unix:/path/of/socket\n",
               address);
    return 1;
  }
  const auto answer = http_get(*target, std::chrono::seconds(command.timeout_s));
  if (!answer) {
    fmt::print(stderr, "{}: {}; is the relay running there?\n", address, answer.error());
    return 1;
  }
  if (answer->status_line.starts_with("HTTP/1.1 200")) {
    fmt::print("{}: healthy\n", address);
    return 0;
  }
  fmt::print(stderr, "{}: {} {}\n", address, answer->status_line, answer->body);
  return 1;
}

}  // namespace app
