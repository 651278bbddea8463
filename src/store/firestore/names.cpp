#include "store/firestore/names.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace store::firestore {
namespace {

std::string in(std::string_view collection, std::string_view id) {
  return fmt::format("{}/{}", collection, id);
}

}  // namespace

Names::Names(std::string_view project, std::string_view database)
    : database_(fmt::format("projects/{}/databases/{}", project, database)),
      root_(fmt::format("{}/documents", database_)) {}

std::string Names::full(std::string_view relative) const {
  return fmt::format("{}/{}", root_, relative);
}

std::string_view Names::relative(std::string_view full) const {
  const bool ours =
      full.size() > root_.size() && full.starts_with(root_) && full[root_.size()] == '/';
  return ours ? full.substr(root_.size() + 1) : std::string_view();
}

std::string hex_of(std::string_view bytes) {
  return base::to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::optional<std::string> bytes_of(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes(hex.size() / 2, '\0');
  if (!base::decode_hex(hex, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}))
    return std::nullopt;
  return bytes;
}

std::string event_name(const nostr::EventId& id) { return in(events_collection, base::to_hex(id)); }

std::string row_name(std::string_view key) { return in(rows_collection, hex_of(key)); }

std::string tombstone_name(std::string_view key) { return in(tombstones_collection, hex_of(key)); }

std::string commit_name(std::uint64_t slot) {
  return fmt::format("{}/{:016x}", commits_collection, slot);
}

std::string_view id_in(std::string_view name) { return name.substr(name.rfind('/') + 1); }

}  // namespace store::firestore
