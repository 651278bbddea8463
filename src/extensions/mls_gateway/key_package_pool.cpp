#include "extensions/mls_gateway/key_package_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/text.h"
#include "mls/encoding.h"
#include "mls/key_package.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

using store::Refusal;
using store::RowView;
using store::Staged;

/// The earliest of what applies. With `p` (gateway dialect) that includes arrival + ttl, so a far `exp` is capped, not
/// refused; without, only what its author says, because those are reused for months.
std::optional<base::UnixSeconds> lifetime_end(const Config& config, const nostr::Event& event,
                                              base::UnixSeconds now) {
  std::optional<base::UnixSeconds> end = event.expiration();
  if (const auto text = event.tags.first("exp")) {
    base::UnixSeconds at = 0;
    std::from_chars(text->data(), text->data() + text->size(), at);
    end = std::min(at, end.value_or(at));
  }
  if (!event.tags.first("p")) return end;
  const base::UnixSeconds capped = now + config.keypackage_ttl;
  return end ? std::min(*end, capped) : capped;
}

Pool pool_of(const nostr::PublicKey& owner, const RowView& rows) {
  const auto row = rows.get(pool_key(owner));
  return row ? decode_pool(*row).value_or(Pool{}) : Pool{};
}

store::RowChange put_pool(const nostr::PublicKey& owner, const Pool& pool) {
  return {pool_key(owner), pool.empty() ? std::nullopt : std::optional(encode(pool))};
}

/// A package that its proved owner published for a single use. Only its reference is registered, so that nobody can take
/// a reference away, or ask for it, without being somebody.
bool is_owned(const nostr::Event& event) {
  return event.kind == nostr::kind::key_package && event.tags.first("p");
}

std::optional<std::string_view> reference_of(const nostr::Event& event) {
  return is_owned(event) ? event.tags.first("kpr") : std::nullopt;
}

std::optional<KeyPackageRow> find_reference(const nostr::Event& event, const RowView& rows) {
  const auto reference = reference_of(event);
  const auto row = reference ? rows.get(key_reference_key(*reference)) : std::nullopt;
  return row ? decode_key_package(*row) : std::nullopt;
}

/// What the pool wants to know of the MLS object inside; the defaults when it cannot be read.
struct Contents {
  bool last_resort = false;
  std::optional<base::UnixSeconds> not_after{};
};

Contents contents_of(const nostr::Event& event) {
  const auto bytes =
      mls::decode_content(event.content(), event.tags.first("encoding").value_or(""));
  const auto package =
      bytes ? mls::parse_key_package(*bytes) : std::unexpected(mls::KeyPackageError::malformed);
  if (!package) return {};
  constexpr std::uint64_t never = 1ULL << 62;
  const std::uint64_t not_after = package->leaf.lifetime.not_after;
  return {package->is_last_resort(), not_after < never
                                         ? std::optional(static_cast<base::UnixSeconds>(not_after))
                                         : std::nullopt};
}

/// Until when its signed event would be taken again, whatever time this relay gave it; nullopt: for ever.
std::optional<base::UnixSeconds> valid_until(const nostr::Event& event) {
  const auto earlier = [](auto a, auto b) { return a && b ? std::min(a, b) : std::max(a, b); };
  std::optional<base::UnixSeconds> exp;
  if (const auto text = event.tags.first("exp")) exp = decimal(*text);
  return earlier(earlier(exp, event.expiration()), contents_of(event).not_after);
}

/// Stands for the `d` of a 30443 (FNV-1a, the same in every build): the next version takes the place of the last.
std::uint64_t slot_of(const nostr::Event& event) {
  if (event.kind != nostr::kind::addressable_key_package) return 0;
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char byte : event.tags.first("d").value_or(""))
    hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3ULL;
  return hash | 1;
}

std::optional<Refusal> refuse_used(const Publication& publication, const RowView& rows) {
  const auto known = find_reference(publication.event, rows);
  const bool live = known && (known->expires_at == 0 || known->expires_at > publication.now);
  if (rows.get(consumed_key(publication.event.id)) || (live && known->consumed) ||
      (live && known->event != publication.event.id))
    return Refusal{
        "invalid: this key package or its reference was used before; publish a fresh one"};
  return std::nullopt;
}

}  // namespace

bool is_key_package(const nostr::Event& event) {
  return event.kind == nostr::kind::key_package ||
         event.kind == nostr::kind::addressable_key_package;
}

std::vector<std::string> pool_rows(const nostr::Event& event) {
  std::vector<std::string> keys{pool_key(event.pubkey), consumed_key(event.id)};
  if (const auto reference = reference_of(event)) keys.push_back(key_reference_key(*reference));
  return keys;
}

std::expected<Staged, Refusal> pool_package(const Config& config, const Publication& publication,
                                            const RowView& rows) {
  const nostr::Event& event = publication.event;
  if (auto used = refuse_used(publication, rows)) return std::unexpected(std::move(*used));
  Staged staged{.expires_at = lifetime_end(config, event, publication.now)};
  Pool pool = pool_of(event.pubkey, rows);
  std::erase_if(pool, [&](const auto& package) { return !package.live(publication.now); });
  // The same event again: the store answers "duplicate".
  if (std::ranges::find(pool, event.id, &PooledPackage::event) != pool.end()) return staged;
  // Each kind has a limit of its own: packages without `p` may be published by anyone who has seen them, and must not
  // take their owner's room.
  const auto kind = is_owned(event) ? PooledPackage::owned : PooledPackage::reusable;
  const std::uint64_t slot = slot_of(event);
  if (slot != 0) std::erase_if(pool, [&](const auto& package) { return package.slot == slot; });
  const auto count = std::ranges::count(pool, kind, &PooledPackage::kind);
  if (count >= config.max_keypackages_per_user) {
    return std::unexpected(Refusal{fmt::format(
        "blocked: you have {} live key packages, the most this relay keeps; delete some first",
        count)});
  }
  const base::UnixSeconds expires_at = staged.expires_at.value_or(0);
  pool.push_back({event.id, expires_at, slot, kind, contents_of(event).last_resort});
  staged.changes.push_back(put_pool(event.pubkey, pool));
  if (const auto reference = reference_of(event))
    staged.changes.push_back(
        {key_reference_key(*reference), encode(KeyPackageRow{event.id, expires_at})});
  return staged;
}

std::vector<store::RowChange> unpool_package(const store::StoredEvent& erased,
                                             const RowView& rows) {
  const nostr::Event& event = *erased.event;
  std::vector<store::RowChange> changes;
  Pool pool = pool_of(event.pubkey, rows);
  if (std::erase_if(pool, [&](const auto& package) { return package.event == event.id; }) > 0)
    changes.push_back(put_pool(event.pubkey, pool));
  // Known as consumed for as long as the event itself could come back, not only for the time it was given here.
  const bool consumed = rows.get(consumed_key(event.id)).has_value();
  const auto until = consumed ? valid_until(event) : std::nullopt;
  if (consumed) changes.push_back({consumed_key(event.id), std::string(), until});
  const auto known = find_reference(event, rows);
  if (!known || known->event != event.id) return changes;
  const std::string key = key_reference_key(*reference_of(event));
  changes.push_back(
      consumed
          ? store::RowChange{key, encode(KeyPackageRow{event.id, until.value_or(0), true}), until}
          : store::RowChange{key, std::nullopt});
  return changes;
}

}  // namespace extensions::mls_gateway
