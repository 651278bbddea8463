#include "extensions/mls_gateway/key_package_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "extensions/mls_gateway/rows.h"

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

PackageEnds packages_of(const nostr::PublicKey& owner, const RowView& rows) {
  const auto row = rows.get(packages_key(owner));
  return row ? decode_package_ends(*row).value_or(PackageEnds{}) : PackageEnds{};
}

store::RowChange put_packages(const nostr::PublicKey& owner, const PackageEnds& ends) {
  return {packages_key(owner), ends.empty() ? std::nullopt : std::optional(encode(ends))};
}

/// The reference of a package that its proved owner published (`p`): only those are registered, so that nobody can take
/// a reference away, or ask for it, without being somebody.
std::optional<std::string_view> reference_of(const nostr::Event& event) {
  return event.tags.first("p") ? event.tags.first("kpr") : std::nullopt;
}

std::optional<KeyPackageRow> find_reference(const nostr::Event& event, const RowView& rows) {
  const auto reference = reference_of(event);
  const auto row = reference ? rows.get(key_reference_key(*reference)) : std::nullopt;
  return row ? decode_key_package(*row) : std::nullopt;
}

}  // namespace

std::vector<std::string> pool_rows(const nostr::Event& event) {
  std::vector<std::string> keys{packages_key(event.pubkey)};
  if (const auto reference = reference_of(event)) keys.push_back(key_reference_key(*reference));
  return keys;
}

std::expected<Staged, Refusal> pool_package(const Config& config, const Publication& publication,
                                            const RowView& rows) {
  const nostr::Event& event = publication.event;
  Staged staged{.expires_at = lifetime_end(config, event, publication.now)};
  if (const auto known = find_reference(event, rows)) {
    const bool live = known->expires_at == 0 || known->expires_at > publication.now;
    if (live && known->event == event.id)
      return staged;  // the same event again: the store answers "duplicate"
    if (live)
      return std::unexpected(
          Refusal{"invalid: this key reference is in use; publish a fresh key package"});
  }
  PackageEnds live = packages_of(event.pubkey, rows);
  std::erase_if(live, [&](base::UnixSeconds end) { return end != 0 && end <= publication.now; });
  if (live.size() >= static_cast<std::size_t>(config.max_keypackages_per_user)) {
    return std::unexpected(Refusal{fmt::format(
        "blocked: you have {} live key packages, the most this relay keeps; delete some first",
        live.size())});
  }
  live.push_back(staged.expires_at.value_or(0));
  staged.changes.push_back(put_packages(event.pubkey, live));
  if (const auto reference = reference_of(event))
    staged.changes.push_back({key_reference_key(*reference),
                              encode(KeyPackageRow{event.id, staged.expires_at.value_or(0)})});
  return staged;
}

std::vector<store::RowChange> unpool_package(const store::StoredEvent& erased,
                                             const RowView& rows) {
  const nostr::Event& event = *erased.event;
  std::vector<store::RowChange> changes;
  PackageEnds live = packages_of(event.pubkey, rows);
  if (const auto mine = std::ranges::find(live, erased.expires_at.value_or(0));
      mine != live.end()) {
    live.erase(mine);
    changes.push_back(put_packages(event.pubkey, live));
  }
  if (const auto known = find_reference(event, rows); known && known->event == event.id)
    changes.push_back({key_reference_key(*reference_of(event)), std::nullopt});
  return changes;
}

}  // namespace extensions::mls_gateway
