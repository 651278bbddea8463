#include "nostr/nip62.h"

#include <algorithm>

#include "nostr/nip42.h"

namespace nostr {
namespace {

bool names_us(std::string_view text, const std::vector<std::string>& urls) {
  if (text == "ALL_RELAYS") return true;
  const auto named = parse_relay_url(text);
  return named &&
         std::ranges::any_of(urls, [&](const auto& url) { return parse_relay_url(url) == named; });
}

}  // namespace

VanishTarget vanish_target(const Event& request, const std::vector<std::string>& urls) {
  VanishTarget target = VanishTarget::none;
  for (const Tag tag : request.tags) {
    if (tag.name() != "relay") continue;
    if (names_us(tag.value(), urls)) return VanishTarget::us;
    target = VanishTarget::other;
  }
  return target;
}

}  // namespace nostr
