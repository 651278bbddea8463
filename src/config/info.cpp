#include "config/info.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "nostr/event.h"
#include "nostr/nip11.h"

namespace config {
namespace {

using base::Setting;
using List = std::vector<std::string>;

Setting::Check public_key(const std::string& key) {
  return [&key]() -> std::optional<std::string> {
    if (key.empty() || base::from_hex<nostr::PublicKey>(key)) return std::nullopt;
    return "is not a public key; write 64 lowercase hex characters (not npub1…, NIP-11 wants hex)";
  };
}

Setting::Check countries(const List& list) {
  return [&list]() -> std::optional<std::string> {
    const auto is_code = [](const std::string& code) {
      return code.size() == 2 &&
             std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
    };
    if (std::ranges::all_of(list, is_code)) return std::nullopt;
    return "holds codes of two capital letters (ISO 3166-1), like [\"CA\", \"US\"]";
  };
}

Setting::Check prices(const List& list) {
  return [&list]() -> std::optional<std::string> {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (!nostr::parse_fee(list[i]))
        return fmt::format(
            "entry {} of {} is no fee; write like \"admission 1000000 msats\", \"subscription "
            "5000000 msats 2592000\" (seconds) or \"publication 100 msats 4\" (kinds)",
            i + 1, list.size());
    return std::nullopt;
  };
}

}  // namespace

void declare(base::Settings& settings, Info& info) {
  const auto add = [&](std::string key, std::string help, Setting::Target target,
                       Setting::Check check = {}) {
    settings.add({"info", std::move(key), std::move(help), target, std::move(check), {}, true});
  };
  add("name", "Name of the relay (NIP-11).", &info.name);
  add("description", "What the relay is for (NIP-11).", &info.description);
  add("pubkey", "Public key of the operator, in hex (NIP-11).", &info.pubkey,
      public_key(info.pubkey));
  add("contact", "How to reach the operator, as a URI (NIP-11).", &info.contact);
  add("icon", "URL of a square picture (NIP-11).", &info.icon);
  add("banner", "URL of a wide picture (NIP-11).", &info.banner);
  add("self", "Public key of the relay itself, in hex (NIP-11).", &info.self,
      public_key(info.self));
  add("terms_of_service", "URL of the terms of service (NIP-11).", &info.terms_of_service);
  add("privacy_policy", "URL of the privacy policy.", &info.privacy_policy);
  add("posting_policy", "URL of the rules for what is posted.", &info.posting_policy);
  add("relay_countries", "Countries whose law applies, as two capital letters.",
      &info.relay_countries, countries(info.relay_countries));
  add("language_tags", "Languages spoken here, as IETF tags; \"*\" = all.", &info.language_tags);
  add("tags", "What the relay is about, like \"sfw-only\".", &info.tags);
  add("payments_url", "Where to pay; the relay itself takes no money (NIP-11).",
      &info.payments_url);
  add("fees",
      "What it costs: \"admission 1000000 msats\", \"subscription 5000000 msats 2592000\" (for so "
      "many seconds), \"publication 100 msats 4\" (for these kinds).",
      &info.fees, prices(info.fees));
  add("software",
      "What NIP-11 names as the software: its name, or the URL of the page where you publish what "
      "you run.",
      &info.software);
}

}  // namespace config
