#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "nostr/client_message.h"
#include "store/stager.h"

namespace store::lmdb {

/// One entry of `events`: a header that can be checked without parsing, then the event's JSON.
struct Record {
  std::uint8_t mark = 0;
  nostr::Kind kind = 0;
  base::UnixSeconds created_at = 0;
  std::optional<base::UnixSeconds> expires_at;
  std::string_view json;
};

[[nodiscard]] std::size_t record_size(const StoredEvent& stored);
/// REQUIRES: `out` has record_size(stored) bytes.
void write_record(const StoredEvent& stored, std::span<char> out);
/// A view into `bytes`; nullopt if they are no record of this version.
[[nodiscard]] std::optional<Record> read_record(std::string_view bytes);

/// nullopt if the JSON is damaged.
[[nodiscard]] std::optional<StoredEvent> parse_record(const Record& record, Seq seq,
                                                      nostr::MessageParser& parser);

}  // namespace store::lmdb
