#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/settings.h"

namespace extensions::metrics {

/// `[metrics]`.
struct Config {
  std::string bind{};   ///< address and port of a listening socket of its own; "" = the relay's
  std::string token{};  ///< secret: never printed

  /// Without both nothing is measured, and nothing answers.
  [[nodiscard]] bool on() const { return !bind.empty() || !token.empty(); }
};

struct Address {
  std::string host;
  std::uint16_t port;
};
/// "127.0.0.1:9464", "[::1]:9464", "localhost:9464". The error says what would do.
[[nodiscard]] std::expected<Address, std::string> parse_address(std::string_view text);

/// Declares every key with its help, check and default. `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

}  // namespace extensions::metrics
