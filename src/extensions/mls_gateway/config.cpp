#include "extensions/mls_gateway/config.h"

#include "extensions/mls_gateway/acl_protocol.h"
#include "nostr/nip19.h"

namespace extensions::mls_gateway {
namespace {

constexpr std::int64_t year_s = 366LL * 86'400;

base::Setting::Check public_keys(const std::vector<std::string>& keys) {
  return [&keys]() -> std::optional<std::string> {
    for (const auto& text : keys) {
      if (const auto key = nostr::parse_public_key(text); !key) return key.error();
    }
    return std::nullopt;
  };
}

base::Setting::Check long_tokens(const std::vector<std::string>& tokens) {
  return [&tokens]() -> std::optional<std::string> {
    for (const auto& token : tokens) {
      if (token.size() < 16) return "a service token has 16 characters at least";
    }
    return std::nullopt;
  };
}

base::Setting::Check absolute_path(const std::string& path) {
  return [&path]() -> std::optional<std::string> {
    if (path.starts_with('/') && !path.ends_with('/')) return std::nullopt;
    return "must begin with a slash and not end with one, like \"/api/v1/mls\"";
  };
}

base::Setting::Check acl_url(const std::string& url) {
  return [&url]() -> std::optional<std::string> {
    if (url.empty()) return std::nullopt;
    if (const auto parsed = parse_acl_url(url); !parsed) return parsed.error();
    return std::nullopt;
  };
}

void declare_rate_limits(base::Settings& settings, RateLimits& limits) {
  const auto add = [&](std::string key, std::string what, std::int64_t& target) {
    settings.add({"extensions.mls_gateway.rate_limits",
                  std::move(key),
                  what + " of one proved key, or of one address (/64 for IPv6); 0 = no limit.",
                  &target,
                  base::in_range(target, 0, 1'000'000'000),
                  {},
                  true});
  };
  add("max_events_per_minute", "Events a minute", limits.max_events_per_minute);
  add("max_keypackages_per_hour", "Key packages an hour", limits.max_keypackages_per_hour);
  add("max_group_messages_per_minute", "Group messages a minute",
      limits.max_group_messages_per_minute);
  add("max_api_calls_per_minute",
      "REST calls a minute, and as many that are not signed right (per address),",
      limits.max_api_calls_per_minute);
}

}  // namespace

void declare(base::Settings& settings, Config& config) {
  const std::string section = "extensions.mls_gateway";
  const auto adder = [&](bool live) {
    return [&settings, &section, live](std::string key, std::string help,
                                       base::Setting::Target target, base::Setting::Check check) {
      settings.add({section, std::move(key), std::move(help), target, std::move(check), {}, live});
    };
  };
  const auto add = adder(true);
  const auto add_fixed = adder(false);
  add_fixed(
      "enabled",
      "Gate group messages, welcomes, Noise messages and key packages. Without it this is a plain "
      "relay.",
      &config.enabled, {});
  add("keypackage_ttl",
      "Seconds a key package (443 with `p`) lives at most, counted from its arrival.",
      &config.keypackage_ttl, base::in_range(config.keypackage_ttl, 1, year_s));
  add("welcome_ttl", "Seconds an invitation (1059 with `h`) lives, counted from its arrival.",
      &config.welcome_ttl, base::in_range(config.welcome_ttl, 1, year_s));
  add("enable_message_archive",
      "Keep group messages, Noise messages and gift wraps only message_archive_ttl_days.",
      &config.enable_message_archive, {});
  add("message_archive_ttl_days",
      "Days that archived messages are kept for whoever is offline; 0 keeps them.",
      &config.message_archive_ttl_days, base::in_range(config.message_archive_ttl_days, 0, 36'500));
  add("max_keypackages_per_user",
      "Live key packages of one author; above it the next one is refused.",
      &config.max_keypackages_per_user,
      base::in_range(config.max_keypackages_per_user, 1, 100'000));
  add("keypackage_validation",
      "Check key packages as RFC 9420 objects: \"log\" what is wrong, \"strict\" refuses, \"off\".",
      &config.keypackage_validation,
      base::one_of(config.keypackage_validation, {"log", "strict", "off"}));
  add("marmot",
      "Groups whose id is their credential: \"capability\" serves them, \"require-auth\" demands "
      "AUTH, \"off\".",
      &config.marmot, base::one_of(config.marmot, {"capability", "require-auth", "off"}));
  add("keypackage_delivery",
      "\"shared\": a REQ returns an owner's packages; \"single_use\": it hands out one and "
      "consumes it.",
      &config.keypackage_delivery,
      base::one_of(config.keypackage_delivery, {"shared", "single_use"}));
  add("gift_wraps", "Who may send gift wraps (1059 without `h`): \"anyone\" or \"authenticated\".",
      &config.gift_wraps, base::one_of(config.gift_wraps, {"anyone", "authenticated"}));
  add_fixed(
      "membership",
      "What makes a member: \"giftwrap\", an invitation (1059 with `h`) by a member, or a roster "
      "event (450); \"roster\", a 450 alone; \"acl\", the sidecar at acl_url alone.",
      &config.membership, base::one_of(config.membership, {"giftwrap", "roster", "acl"}));
  add_fixed("acl_url", "Where the sidecar of membership = \"acl\" listens: http:// or https://.",
            &config.acl_url, acl_url(config.acl_url));
  add_fixed("acl_token", "Bearer token for the sidecar; set it in the environment.",
            &config.acl_token, {});
  add_fixed("acl_timeout_ms", "The sidecar's answer is waited for so long; then it is no.",
            &config.acl_timeout_ms, base::in_range(config.acl_timeout_ms, 10, 60'000));
  add_fixed(
      "group_cache_ttl",
      "Seconds that an answer of the sidecar is kept at most; and that an instance shows what is "
      "of groups without hearing from the store it shares with others (10 at least).",
      &config.group_cache_ttl, base::in_range(config.group_cache_ttl, 1, 86'400));
  add_fixed("keypackage_cache_ttl",
            "Taken and without effect: key packages are read anew each time, so that none is shown "
            "or handed out that is gone.",
            &config.keypackage_cache_ttl, base::in_range(config.keypackage_cache_ttl, 0, 86'400));
  add("invite_by", "Who may invite into a gated group: its \"members\" or only its \"admins\".",
      &config.invite_by, base::one_of(config.invite_by, {"members", "admins"}));
  add("group_creation",
      "Who may found a gated group: \"anyone\", the [auth] \"allowlist\", or the \"admins\" of "
      "admin_keys.",
      &config.group_creation,
      base::one_of(config.group_creation, {"anyone", "allowlist", "admins"}));
  add("p_hint",
      "`p` tags of a group message: \"ignore\", or \"narrow\" its readers to those members.",
      &config.p_hint, base::one_of(config.p_hint, {"ignore", "narrow"}));
  add_fixed("enable_api", "Serve the REST API below api_prefix (docs/rest.md).", &config.enable_api,
            {});
  add_fixed("service_tokens",
            "Bearer tokens of operators and sidecars, 16 characters at least; set them in the "
            "environment.",
            &config.service_tokens, long_tokens(config.service_tokens));
  add_fixed("api_prefix", "Path that the REST API lives under.", &config.api_prefix,
            absolute_path(config.api_prefix));
  add("admin_keys", "Keys (hex or npub) of the operator's admins.", &config.admin_keys,
      public_keys(config.admin_keys));
  declare_rate_limits(settings, config.rate_limits);
}

std::string contradiction(const Config& config) {
  if (config.enabled && config.membership == "acl" && config.acl_url.empty())
    return "membership = \"acl\" needs acl_url, where the sidecar listens (sidecar/README.md)";
  return {};
}

}  // namespace extensions::mls_gateway
