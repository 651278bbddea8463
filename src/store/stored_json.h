#pragma once
#include <optional>
#include <string_view>

#include "nostr/client_message.h"
#include "store/stager.h"

namespace store {

/// For stored events: what was accepted under other limits must stay readable.
[[nodiscard]] base::Limits limits_of_stored_events();

/// `stored` with the event that `json` holds; nullopt if that is damaged.
[[nodiscard]] std::optional<StoredEvent> with_event(StoredEvent stored, std::string_view json,
                                                    nostr::MessageParser& parser);

}  // namespace store
