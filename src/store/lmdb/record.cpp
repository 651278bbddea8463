#include "store/lmdb/record.h"

#include <algorithm>
#include <limits>

#include "store/keys.h"
#include "store/stored_json.h"

namespace store::lmdb {
namespace {

constexpr char record_format = 1;
constexpr std::size_t header_bytes = 20;  // [format 1][mark 1][kind 2][created_at 8][expires_at 8]
constexpr base::UnixSeconds never = std::numeric_limits<base::UnixSeconds>::max();

}  // namespace

std::size_t record_size(const StoredEvent& stored) {
  return header_bytes + stored.event->json.size();
}

void write_record(const StoredEvent& stored, std::span<char> out) {
  const char lead[] = {record_format, static_cast<char>(stored.mark)};
  const auto header = Key()
                          .add({lead, sizeof lead})
                          .add16(stored.event->kind)
                          .add64(static_cast<std::uint64_t>(stored.event->created_at))
                          .add64(static_cast<std::uint64_t>(stored.expires_at.value_or(never)));
  std::ranges::copy(header.view(), out.begin());
  std::ranges::copy(stored.event->json, out.begin() + header_bytes);
}

std::optional<Record> read_record(std::string_view bytes) {
  if (bytes.size() < header_bytes || bytes[0] != record_format) return std::nullopt;
  const auto expires_at = static_cast<base::UnixSeconds>(read64(bytes.substr(12)));
  return Record{.mark = static_cast<std::uint8_t>(bytes[1]),
                .kind = read16(bytes.substr(2)),
                .created_at = static_cast<base::UnixSeconds>(read64(bytes.substr(4))),
                .expires_at = expires_at == never ? std::nullopt : std::optional(expires_at),
                .json = bytes.substr(header_bytes)};
}

std::optional<StoredEvent> parse_record(const Record& record, Seq seq,
                                        nostr::MessageParser& parser) {
  return with_event(
      {.event = nullptr, .seq = seq, .mark = record.mark, .expires_at = record.expires_at},
      record.json, parser);
}

}  // namespace store::lmdb
