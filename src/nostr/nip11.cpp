#include "nostr/nip11.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string_view>

#include "nostr/relay_message.h"

namespace nostr {
namespace {

/// `"key":"text",`, or nothing for an empty text.
void append_text(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  append_json_string(out, key);
  out += ':';
  append_json_string(out, text);
  out += ',';
}

std::string limitation(const RelayInfo& info) {
  const base::Limits& limits = info.limits;
  return fmt::format(
      R"({{"max_message_length":{},"max_subscriptions":{},"max_limit":{},"max_subid_length":{},)"
      R"("max_event_tags":{},"default_limit":{},"auth_required":{},"payment_required":false,)"
      R"("restricted_writes":{},"created_at_upper_limit":{}}})",
      limits.max_message_bytes, limits.max_subscriptions, limits.max_limit, limits.max_subid_length,
      limits.max_event_tags, limits.default_limit, info.auth_required, info.restricted_writes,
      limits.created_at_max_ahead_s);
}

}  // namespace

std::string information_document(const RelayInfo& info) {
  const std::set<int> nips(info.supported_nips.begin(), info.supported_nips.end());
  std::string out = "{";
  append_text(out, "name", info.name);
  append_text(out, "description", info.description);
  append_text(out, "pubkey", info.pubkey);
  append_text(out, "contact", info.contact);
  append_text(out, "icon", info.icon);
  append_text(out, "software", "mls-gateway");
  append_text(out, "version", info.version);
  out += fmt::format(R"("supported_nips":[{}],"limitation":{}}})", fmt::join(nips, ","),
                     limitation(info));
  return out;
}

}  // namespace nostr
