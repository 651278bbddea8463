#include "store/stored_json.h"

#include <limits>

namespace store {

base::Limits limits_of_stored_events() {
  base::Limits limits;
  limits.max_event_tags = std::numeric_limits<std::uint32_t>::max();
  return limits;
}

std::optional<StoredEvent> with_event(StoredEvent stored, std::string_view json,
                                      nostr::MessageParser& parser) {
  auto event = parser.parse_event(json);
  if (!event) return std::nullopt;
  stored.event = std::make_shared<const nostr::Event>(*std::move(event));
  return stored;
}

}  // namespace store
