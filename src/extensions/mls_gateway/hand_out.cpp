#include "extensions/mls_gateway/hand_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

constexpr base::UnixSeconds hour_s = 3600;

/// The one to give: one that can be consumed, the oldest first, else one of last resort; nullptr for an empty pool.
const PooledPackage* choose(const Pool& live) {
  const auto consumable = std::ranges::find(live, false, &PooledPackage::last_resort);
  if (consumable != live.end()) return &*consumable;
  return live.empty() ? nullptr : &live.front();
}

Pool live_packages(std::optional<std::string_view> row, base::UnixSeconds now) {
  Pool pool = row ? decode_pool(*row).value_or(Pool{}) : Pool{};
  std::erase_if(pool, [&](const PooledPackage& package) {
    return !package.live(now) || package.kind != PooledPackage::owned;
  });
  return pool;
}

HandOuts hand_outs_of_last_hour(std::optional<std::string_view> row, base::UnixSeconds now) {
  HandOuts times = row ? decode_hand_outs(*row).value_or(HandOuts{}) : HandOuts{};
  std::erase_if(times, [&](base::UnixSeconds time) { return time <= now - hour_s; });
  return times;
}

}  // namespace

std::vector<nostr::PublicKey> owners_asked_for(const nostr::Filter& filter) {
  const bool only_packages = filter.kinds && filter.kinds->size() == 1 &&
                             filter.kinds->front() == nostr::kind::key_package;
  const auto* recipients = filter.tag('p');
  const std::size_t other_tags = filter.tags.size() - (recipients ? 1 : 0);
  if (!only_packages || other_tags > 0 || filter.ids || filter.since || filter.until ||
      filter.search)
    return {};
  std::vector<nostr::PublicKey> owners = filter.authors.value_or(std::vector<nostr::PublicKey>{});
  if (!recipients) return owners;
  std::vector<nostr::PublicKey> named;
  for (const auto& text : *recipients) {
    if (const auto key = base::from_hex<nostr::PublicKey>(text)) named.push_back(*key);
  }
  if (filter.authors)
    std::erase_if(named, [&](const auto& key) { return !std::ranges::binary_search(owners, key); });
  return named;
}

void HandOut::reads(store::Reads& reads) const {
  for (const auto& owner : owners_) {
    reads.keys.push_back(pool_key(owner));
    reads.keys.push_back(hand_outs_key(requester_, owner));
  }
}

std::expected<store::Operation::Effects, store::Refusal> HandOut::run(const store::RowView& rows,
                                                                      base::UnixSeconds now) const {
  Effects effects;
  std::optional<base::UnixSeconds> wait_s;
  for (const auto& owner : owners_) {
    const Pool live = live_packages(rows.get(pool_key(owner)), now);
    const PooledPackage* chosen = choose(live);
    if (!chosen) continue;
    const std::string times_key = hand_outs_key(requester_, owner);
    HandOuts times = hand_outs_of_last_hour(rows.get(times_key), now);
    if (times.size() >= max_hand_outs_per_hour) {
      const base::UnixSeconds free_in = times.front() + hour_s - now;
      wait_s = std::min(wait_s.value_or(free_in), free_in);
      continue;
    }
    times.push_back(now);
    effects.changes.push_back({times_key, encode(times), now + hour_s});
    const bool consume = !chosen->last_resort && live.size() > 1;
    if (consume)
      effects.changes.push_back(
          {consumed_key(chosen->event), std::string()});  // until: unpool_package()
    effects.picks.push_back({chosen->event, consume});
  }
  if (effects.picks.empty() && wait_s)
    return std::unexpected(store::Refusal{fmt::format(
        "rate-limited: you were given enough key packages of this owner; wait {} seconds",
        *wait_s)});
  return effects;
}

}  // namespace extensions::mls_gateway
