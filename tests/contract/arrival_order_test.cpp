// What stands in the end must not depend on the order of arrival. The expectation is computed from
// the whole set of events by the words of NIP-01 and NIP-09, without any store.
#include <algorithm>

#include "contract/random_events.h"
#include "nostr/address.h"
#include "nostr/deletion.h"

namespace test {
namespace {

using Events = std::vector<nostr::EventPtr>;

bool deletes(const nostr::Event& deletion, const nostr::Event& target) {
  if (deletion.kind != 5) return false;
  const auto request = nostr::deletion_request(deletion);
  if (std::ranges::count(request.ids, target.id) > 0) {
    return nostr::may_delete(deletion.pubkey, target);
  }
  const auto address = nostr::address_of(target);
  return address && std::ranges::count(request.addresses, *address) > 0 &&
         target.created_at <= deletion.created_at;
}

bool replaces(const nostr::Event& newer, const nostr::Event& older) {
  const auto address = nostr::address_of(older);
  if (!address || nostr::address_of(newer) != address) return false;
  return newer.created_at != older.created_at ? newer.created_at > older.created_at
                                              : newer.id < older.id;
}

Ids survivors(const Events& events) {
  Ids ids;
  for (const auto& event : events) {
    const auto is_bar = [&](const nostr::EventPtr& other) {
      return deletes(*other, *event) || replaces(*other, *event);
    };
    if (!nostr::is_ephemeral(event->kind) && std::ranges::none_of(events, is_bar)) {
      ids.push_back(number_of(event->id));
    }
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());  // some arrive twice
  return ids;
}

/// A deleted version of a replaceable event may or may not have replaced an older one before it
/// went: history, not state, decides then. Such sets are left out of this test.
bool depends_on_history(const Events& events) {
  return std::ranges::any_of(events, [&](const nostr::EventPtr& event) {
    return nostr::address_of(*event) && std::ranges::any_of(events, [&](const auto& other) {
             return other->kind == 5 && deletes(*other, *event) &&
                    std::ranges::count(nostr::deletion_request(*other).ids, event->id) > 0;
           });
  });
}

class ArrivalOrder : public Contract {};
FOR_EVERY_STORE(ArrivalOrder);

TEST_P(ArrivalOrder, DoesNotMatter) {
  const std::uint64_t seed = seed_from_environment();
  SCOPED_TRACE(fmt::format("GATEWAY_SEED={}", seed));
  RandomEvents random(seed);
  std::mt19937_64 shuffle(seed);
  for (int round = 0; round < 12; ++round) {
    Events events;
    for (int i = 0; i < 120; ++i) {
      events.push_back(random.event().build());
      if (depends_on_history(events)) events.pop_back();
    }
    std::ranges::shuffle(events, shuffle);
    OpenStore fresh = GetParam().open();
    std::vector<store::Write> writes;
    for (const auto& event : events) writes.push_back(write_of(event));
    for (std::size_t begin = 0; begin < writes.size(); begin += 20) {
      const auto batch =
          std::span(writes).subspan(begin, std::min<std::size_t>(20, writes.size() - begin));
      must(await(fresh.store->append(batch, store::NoStager())));
    }
    Ids found = ids_of(read_all(*fresh.store, nostr::Filter{}));
    std::ranges::sort(found);
    ASSERT_EQ(found, survivors(events));
  }
}

}  // namespace
}  // namespace test
