#include "extensions/metrics/config.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ip_network.h"

namespace extensions::metrics {
namespace {

constexpr std::size_t min_token_length = 16;

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return host.contains(':') && base::parse_ip_address(host);
  }
  return host == "localhost" || (!host.contains(':') && base::parse_ip_address(host));
}

std::optional<std::string> check_token(const std::string& token) {
  const bool is_visible = std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
  if (token.empty() || (is_visible && token.size() >= min_token_length)) return std::nullopt;
  return fmt::format(
      "must be visible ASCII, {} characters at least; make one with: openssl rand -hex 16",
      min_token_length);
}

}  // namespace

std::expected<Address, std::string> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = colon == text.npos ? "" : text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_port = error == std::errc{} && end == digits.data() + digits.size() && port > 0;
  if (!is_port || !is_host(host))
    return std::unexpected(fmt::format(
        "\"{}\" is not address:port; write for example 127.0.0.1:9464 or [::1]:9464", text));
  return Address{std::string(host), port};
}

void declare(base::Settings& settings, Config& config) {
  settings.add({"metrics",
                "bind",
                "Address and port on which GET /metrics (Prometheus) and nothing else of the relay "
                "is answered, in clear: \"127.0.0.1:9464\". \"\" = on the relay's own port, if "
                "metrics.token is set.",
                &config.bind,
                [&config]() -> std::optional<std::string> {
                  if (config.bind.empty()) return std::nullopt;
                  const auto address = parse_address(config.bind);
                  return address ? std::nullopt : std::optional(address.error());
                },
                {}});
  settings.add(
      {"metrics",
       "token",
       "What GET /metrics asks for (Authorization: Bearer …), 16 characters at least; \"\" "
       "= nothing, and then only metrics.bind is answered. Better set by its variable "
       "than in the file.",
       &config.token,
       [&config] { return check_token(config.token); },
       {}});
}

}  // namespace extensions::metrics
