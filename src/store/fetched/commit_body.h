#pragma once
// A commit as other instances read it: its changes, and its events, by number or whole.
//
// [format 1][changes 8]{[key][has value 1][value][expires_at 8]}[events 8]{[seq 8][whole 1]{[mark 1][expires_at 8][json]}}
// Texts are [length 8][bytes]; numbers are big-endian; "never" is the largest time.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/client_message.h"
#include "store/store.h"

namespace store::fetched {

struct CommitBody {
  std::vector<RowChange> changes{};
  /// In the order of the commit. Without an event: it stands in the store under this number, or stood there.
  std::vector<StoredEvent> events{};
};

/// `is_stored`: whether others will find this event by its number. Those that are not go along whole: ephemeral ones, and
/// what was replaced in its own commit.
[[nodiscard]] std::string encode_body(const CommitBatch& batch,
                                      const std::function<bool(const StoredEvent&)>& is_stored);

/// nullopt: damaged, or of a later version.
[[nodiscard]] std::optional<CommitBody> decode_body(std::string_view bytes,
                                                    nostr::MessageParser& parser);

}  // namespace store::fetched
