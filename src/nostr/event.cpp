#include "nostr/event.h"

#include <charconv>

#include "nostr/json_escapes.h"

namespace nostr {

std::string Event::content() const {
  const std::string_view quoted = content_json();
  return json::unescaped(quoted.substr(1, quoted.size() - 2));
}

std::optional<base::UnixSeconds> Event::expiration() const {
  const auto text = tags.first("expiration");
  if (!text || text->starts_with('-')) return std::nullopt;
  base::UnixSeconds time = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), time);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return time;
}

bool Event::is_protected() const { return tags.count("-") > 0; }

}  // namespace nostr
