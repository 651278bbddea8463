#pragma once
// How what is stored reads from a result.
#include <optional>

#include "nostr/client_message.h"
#include "store/postgres/connection.h"
#include "store/postgres/values.h"
#include "store/stager.h"
#include "store/vanish.h"

namespace store::postgres {

/// The event in a row whose columns from `column` on are seq, mark, expires_at, json; nullopt: damaged.
[[nodiscard]] std::optional<StoredEvent> event_in(Result& result, std::size_t row, int column,
                                                  nostr::MessageParser& parser);
/// All events of a result of just these columns; nullopt: one is damaged.
[[nodiscard]] std::optional<std::vector<StoredEvent>> events_in(Result& result,
                                                                nostr::MessageParser& parser);
/// Columns author, until, seq.
[[nodiscard]] std::optional<Vanish> vanish_in(Result& result, std::size_t row);

/// nullopt unless `bytes` are 32.
[[nodiscard]] std::optional<base::Bytes32> bytes32(std::string_view bytes);

/// Behind every key that begins with `prefix`; keys have at most 400 bytes.
[[nodiscard]] std::string end_of(std::string_view prefix);

}  // namespace store::postgres
