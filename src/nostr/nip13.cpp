#include "nostr/nip13.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace nostr {
namespace {

/// The target of the first `nonce` tag; nullopt unless it is a plain number.
std::optional<unsigned> committed_target(const Event& event) {
  for (const Tag tag : event.tags) {
    if (tag.name() != "nonce") continue;
    const std::string_view text = tag[2];
    unsigned target = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return target;
  }
  return std::nullopt;
}

}  // namespace

unsigned difficulty_of(const EventId& id) { return base::leading_zero_bits(id.bytes); }

std::expected<void, std::string> check_work(const Event& event, unsigned min_difficulty,
                                            bool committed) {
  if (min_difficulty == 0) return {};
  if (const unsigned difficulty = difficulty_of(event.id); difficulty < min_difficulty)
    return std::unexpected(
        fmt::format("pow: difficulty {} is less than {} (NIP-13)", difficulty, min_difficulty));
  if (committed && committed_target(event).value_or(0) < min_difficulty)
    return std::unexpected(
        fmt::format("pow: the nonce tag must commit to a target of {} or more, like "
                    "[\"nonce\",\"1\",\"{}\"] (NIP-13)",
                    min_difficulty, min_difficulty));
  return {};
}

}  // namespace nostr
