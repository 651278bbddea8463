#include "nostr/nip11.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <span>
#include <string_view>

#include "nostr/relay_message.h"

namespace nostr {
namespace {

/// `"key":json,`
void append_json(std::string& out, std::string_view key, std::string_view json) {
  append_json_string(out, key);
  out += ':';
  out += json;
  out += ',';
}

/// `"key":"text",`, or nothing for an empty text.
void append_text(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  std::string quoted;
  append_json_string(quoted, text);
  append_json(out, key, quoted);
}

/// `"key":["text",…],`, or nothing for an empty list.
void append_list(std::string& out, std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    append_json_string(json, text);
  }
  append_json(out, key, json + ']');
}

std::string fee_json(const Fee& fee) {
  std::string json = fmt::format(R"({{"amount":{},"unit":)", fee.amount);
  append_json_string(json, fee.unit);
  if (fee.period_s) json += fmt::format(R"(,"period":{})", *fee.period_s);
  if (!fee.kinds.empty()) json += fmt::format(R"(,"kinds":[{}])", fmt::join(fee.kinds, ","));
  return json + '}';
}

void append_fees(std::string& out, const std::vector<Fee>& fees) {
  if (fees.empty()) return;
  std::string json = "{";
  for (const std::string_view for_what : {"admission", "subscription", "publication"}) {
    std::vector<std::string> prices;
    for (const Fee& fee : fees)
      if (fee.for_what == for_what) prices.push_back(fee_json(fee));
    if (prices.empty()) continue;
    if (json.size() > 1) json += ',';
    json += fmt::format(R"("{}":[{}])", for_what, fmt::join(prices, ","));
  }
  append_json(out, "fees", json + '}');
}

std::string limitation(const RelayInfo& info) {
  const base::Limits& limits = info.limits;
  std::string json = fmt::format(
      R"({{"max_message_length":{},"max_subscriptions":{},"max_limit":{},"max_subid_length":{},)"
      R"("max_event_tags":{},"default_limit":{},"auth_required":{},"payment_required":false,)"
      R"("restricted_writes":{},"created_at_upper_limit":{},"min_pow_difficulty":{})",
      limits.max_message_bytes, limits.max_subscriptions, limits.max_limit, limits.max_subid_length,
      limits.max_event_tags, limits.default_limit, info.auth_required, info.restricted_writes,
      limits.created_at_max_ahead_s, limits.min_pow_difficulty);
  if (limits.max_content_length > 0)
    json += fmt::format(R"(,"max_content_length":{})", limits.max_content_length);
  if (limits.created_at_max_age_s > 0)
    json += fmt::format(R"(,"created_at_lower_limit":{})", limits.created_at_max_age_s);
  return json + '}';
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) parts.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::optional<Fee> parse_fee(std::string_view text) {
  const auto parts = split(text);
  if (parts.size() < 3) return std::nullopt;
  const auto amount = parse_number(parts[1]);
  if (!amount) return std::nullopt;
  Fee fee{.for_what = std::string(parts[0]), .amount = *amount, .unit = std::string(parts[2])};
  std::vector<std::int64_t> more;
  for (const std::string_view part : std::span(parts).subspan(3)) {
    const auto number = parse_number(part);
    if (!number) return std::nullopt;
    more.push_back(*number);
  }
  if (fee.for_what == "admission" && more.empty()) return fee;
  if (fee.for_what == "subscription" && more.size() == 1) {
    fee.period_s = more[0];
    return fee;
  }
  if (fee.for_what != "publication") return std::nullopt;
  fee.kinds = std::move(more);
  return fee;
}

std::string information_document(const RelayInfo& info) {
  const std::set<int> nips(info.supported_nips.begin(), info.supported_nips.end());
  std::string out = "{";
  append_text(out, "name", info.name);
  append_text(out, "description", info.description);
  append_text(out, "banner", info.banner);
  append_text(out, "icon", info.icon);
  append_text(out, "pubkey", info.pubkey);
  append_text(out, "self", info.self);
  append_text(out, "contact", info.contact);
  append_text(out, "software", info.software);
  append_text(out, "version", info.version);
  append_text(out, "terms_of_service", info.terms_of_service);
  append_text(out, "privacy_policy", info.privacy_policy);
  append_text(out, "posting_policy", info.posting_policy);
  append_list(out, "relay_countries", info.relay_countries);
  append_list(out, "language_tags", info.language_tags);
  append_list(out, "tags", info.tags);
  append_text(out, "payments_url", info.payments_url);
  append_fees(out, info.fees);
  if (!info.retention.empty()) append_json(out, "retention", info.retention);
  for (const auto& [name, json] : info.more) append_json(out, name, json);
  append_json(out, "supported_nips", fmt::format("[{}]", fmt::join(nips, ",")));
  return out + "\"limitation\":" + limitation(info) + '}';
}

}  // namespace nostr
