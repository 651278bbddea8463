#pragma once
#include <concepts>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "nostr/event.h"
#include "relay/subscription.h"

namespace relay {

/// Finds the open subscriptions that an event may match, at a cost that grows with the candidates and not with the
/// number of subscriptions.
///
/// Each filter is filed once under its most selective field: ids, else a tag, else authors, else kinds, else "all".
/// Buckets are keyed by a hash of (field, value): a collision only adds a candidate, because every candidate is checked
/// with Filter::matches. A subscription has at most 64 filters (Limits::max_filters). Confined to one thread.
class SubscriptionIndex {
 public:
  SubscriptionIndex();

  /// `subscription` stays where it is until remove(). REQUIRES: not filed yet.
  void add(Subscription& subscription);
  /// Does nothing for a subscription that is not filed.
  void remove(Subscription& subscription);

  /// Calls take(subscription, filter_number) for every filter that matches, until it returns true for that
  /// subscription: "taken", no further filter of it is tried. `take` must not change the index.
  template <std::predicate<Subscription&, std::uint32_t> Take>
  void match(const nostr::Event& event, Take&& take) {
    ++visit_;
    nostr::EventWords words(event);
    for_each_bucket(event, [&](const std::vector<Entry>& entries) {
      for (const Entry& entry : entries) {
        Subscription& subscription = *entry.subscription;
        // An event can meet a filter in many buckets (one for each of its tags): try it once.
        if (subscription.last_visit != visit_) subscription.tried = 0;
        subscription.last_visit = visit_;
        const std::uint64_t filter_bit = std::uint64_t{1} << entry.filter;
        if (subscription.tried & filter_bit) continue;
        subscription.tried |= filter_bit;
        if (!subscription.filters[entry.filter].matches(event, words)) continue;
        if (take(subscription, entry.filter)) subscription.tried = ~std::uint64_t{0};
      }
    });
  }

 private:
  struct Entry {
    Subscription* subscription;
    std::uint32_t filter;
    std::uint32_t filing;  // which of the subscription's filings this entry is
  };

  void file(Subscription& subscription, std::uint32_t filter, std::uint64_t bucket);

  template <typename Visit>
  void for_each_bucket(const nostr::Event& event, Visit&& visit) {
    bucket_keys(event);
    for (const std::uint64_t key : keys_) {
      if (const auto found = buckets_.find(key); found != buckets_.end()) visit(found->second);
    }
  }
  /// Fills keys_ with the buckets this event can meet, each once.
  void bucket_keys(const nostr::Event& event);

  std::unordered_map<std::uint64_t, std::vector<Entry>> buckets_;
  std::vector<std::uint64_t> keys_;  // scratch
  std::uint64_t salt_;               // unknown to clients, who choose what is hashed
  std::uint64_t visit_ = 0;
};

}  // namespace relay
