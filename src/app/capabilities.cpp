#include "app/capabilities.h"

#include <fmt/format.h>

#include "nostr/relay_message.h"

namespace app {
namespace {

std::string quoted(std::string_view text) {
  std::string json;
  nostr::append_json_string(json, text);
  return json;
}

/// Seconds that are kept, or null where there is no end.
std::string lifetimes(const extensions::mls_gateway::Config& gateway) {
  constexpr std::int64_t day = 86'400;
  const bool ends = gateway.enable_message_archive && gateway.message_archive_ttl_days > 0;
  const std::string messages =
      ends ? fmt::format("{}", gateway.message_archive_ttl_days * day) : "null";
  return fmt::format(R"({{"keypackages":{},"welcomes":{},"messages":{}}})", gateway.keypackage_ttl,
                     gateway.welcome_ttl, messages);
}

/// Those that are on.
std::string budgets(const extensions::mls_gateway::Config& gateway) {
  std::string json =
      fmt::format(R"({{"max_keypackages_per_user":{})", gateway.max_keypackages_per_user);
  const auto add = [&json](std::string_view name, std::int64_t most) {
    if (most > 0) json += fmt::format(R"(,"{}":{})", name, most);
  };
  add("max_events_per_minute", gateway.rate_limits.max_events_per_minute);
  add("max_keypackages_per_hour", gateway.rate_limits.max_keypackages_per_hour);
  add("max_group_messages_per_minute", gateway.rate_limits.max_group_messages_per_minute);
  return json + '}';
}

}  // namespace

std::vector<std::pair<std::string, std::string>> capabilities(
    const extensions::mls_gateway::Config& gateway) {
  if (!gateway.enabled) return {};
  std::string how =
      fmt::format(R"({{"membership":"{}","invite_by":"{}","group_creation":"{}","marmot":"{}",)"
                  R"("keypackage_delivery":"{}","keypackage_validation":"{}","gift_wraps":"{}")",
                  gateway.membership, gateway.invite_by, gateway.group_creation, gateway.marmot,
                  gateway.keypackage_delivery, gateway.keypackage_validation, gateway.gift_wraps);
  how += fmt::format(R"(,"ttl_seconds":{},"limits":{})", lifetimes(gateway), budgets(gateway));
  if (gateway.enable_api) how += fmt::format(R"(,"api":{})", quoted(gateway.api_prefix));
  return {{"mlsGroups", "true"}, {"noiseDM", "true"}, {"mls_gateway", how + '}'}};
}

}  // namespace app
