#include "store/postgres/stored_rows.h"

#include <cstring>

#include "store/stored_json.h"

namespace store::postgres {

std::optional<StoredEvent> event_in(Result& result, std::size_t row, int column,
                                    nostr::MessageParser& parser) {
  StoredEvent stored;
  stored.seq = static_cast<Seq>(result.int64(row, column));
  stored.mark = static_cast<std::uint8_t>(result.int16(row, column + 1));
  if (!result.is_null(row, column + 2)) stored.expires_at = result.int64(row, column + 2);
  return with_event(std::move(stored), result.bytes(row, column + 3), parser);
}

std::optional<std::vector<StoredEvent>> events_in(Result& result, nostr::MessageParser& parser) {
  std::vector<StoredEvent> events;
  events.reserve(result.rows());
  for (std::size_t row = 0; row < result.rows(); ++row) {
    auto stored = event_in(result, row, 0, parser);
    if (!stored) return std::nullopt;
    events.push_back(*std::move(stored));
  }
  return events;
}

std::optional<Vanish> vanish_in(Result& result, std::size_t row) {
  const auto author = bytes32(result.bytes(row, 0));
  if (!author) return std::nullopt;
  return Vanish{.author = *author,
                .until = result.int64(row, 1),
                .seq = static_cast<Seq>(result.int64(row, 2))};
}

std::optional<base::Bytes32> bytes32(std::string_view bytes) {
  base::Bytes32 value;
  if (bytes.size() != value.bytes.size()) return std::nullopt;
  std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
  return value;
}

std::string end_of(std::string_view prefix) {
  constexpr std::size_t more_than_a_key = 401;
  return std::string(prefix).append(more_than_a_key, '\xff');
}

}  // namespace store::postgres
