#pragma once
#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"

namespace base {

/// Who logs. Add a name here for a part of the program that operators would want to watch alone.
inline constexpr std::array<std::string_view, 9> log_components{
    "app", "net", "relay", "store", "gateway", "write_policy", "metrics", "api", "management"};

/// From which level on lines are logged, for all components and for single ones.
struct LogLevels {
  level::level_enum others = level::info;
  std::vector<std::pair<std::string, level::level_enum>> components{};

  /// Of a target like "mls_gateway::net".
  [[nodiscard]] level::level_enum of(std::string_view target) const;
};

/// "info"; "info,net=debug"; as RUST_LOG has it also "info,mls_gateway::net=debug". The last word on a component counts. The
/// error says what is wrong and what could be there.
[[nodiscard]] std::expected<LogLevels, std::string> parse_log_levels(std::string_view text);

/// What of a variable that other programs read too (RUST_LOG="info,hyper=debug") concerns this one, in lower case: nothing
/// of other programs' modules. "" if nothing does.
[[nodiscard]] std::string own_log_levels(std::string_view text);

}  // namespace base
