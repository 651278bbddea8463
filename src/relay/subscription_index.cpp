#include "relay/subscription_index.h"

#include <algorithm>
#include <random>

namespace relay {
namespace {

// Fields that are not tags; tags use their letter.
enum Field : std::uint8_t { all = 0, id = 1, author = 2, kind = 3 };

std::uint64_t bucket_of(std::uint64_t salt, std::uint8_t field, std::string_view value) {
  std::uint64_t hash = std::hash<std::string_view>{}(value) ^ salt;
  hash ^= (static_cast<std::uint64_t>(field) + 1) * 0x9E3779B97F4A7C15ull;
  hash ^= hash >> 32;
  return hash * 0xD6E8FEB86659FD93ull;
}

std::uint64_t bucket_of(std::uint64_t salt, std::uint8_t field, const base::Bytes32& value) {
  return bucket_of(salt, field, value.view());
}

std::uint64_t bucket_of(std::uint64_t salt, nostr::Kind kind) {
  const char bytes[2] = {static_cast<char>(kind >> 8), static_cast<char>(kind)};
  return bucket_of(salt, Field::kind, std::string_view(bytes, 2));
}

/// A routing id or a recipient says more than any other tag; among the rest, fewer values are better.
const nostr::TagFilter* most_selective_tag(const nostr::Filter& filter) {
  const auto cost = [](const nostr::TagFilter& tag) {
    const bool routing = tag.letter == 'h' || tag.letter == 'p' || tag.letter == 'e';
    return tag.values.size() + (routing ? 0 : 1'000'000);
  };
  const auto best = std::ranges::min_element(filter.tags, {}, cost);
  return best == filter.tags.end() ? nullptr : &*best;
}

std::vector<std::uint64_t> buckets_for(const nostr::Filter& filter, std::uint64_t salt) {
  std::vector<std::uint64_t> keys;
  if (filter.ids) {
    for (const auto& id : *filter.ids) keys.push_back(bucket_of(salt, Field::id, id));
  } else if (const nostr::TagFilter* tag = most_selective_tag(filter)) {
    for (const auto& value : tag->values)
      keys.push_back(bucket_of(salt, static_cast<std::uint8_t>(tag->letter), value));
  } else if (filter.authors) {
    for (const auto& author : *filter.authors)
      keys.push_back(bucket_of(salt, Field::author, author));
  } else if (filter.kinds) {
    for (const auto kind : *filter.kinds) keys.push_back(bucket_of(salt, kind));
  } else {
    keys.push_back(bucket_of(salt, Field::all, ""));
  }
  return keys;
}

std::uint64_t random_salt() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

}  // namespace

SubscriptionIndex::SubscriptionIndex() : salt_(random_salt()) {}

void SubscriptionIndex::add(Subscription& subscription) {
  for (std::uint32_t filter = 0; filter < subscription.filters.size(); ++filter) {
    if (subscription.filters[filter].matches_nothing()) continue;
    for (const std::uint64_t key : buckets_for(subscription.filters[filter], salt_))
      file(subscription, filter, key);
  }
  subscription.filings.shrink_to_fit();
}

void SubscriptionIndex::file(Subscription& subscription, std::uint32_t filter,
                             std::uint64_t bucket) {
  auto& entries = buckets_[bucket];
  const auto filing = static_cast<std::uint32_t>(subscription.filings.size());
  subscription.filings.push_back({bucket, static_cast<std::uint32_t>(entries.size())});
  entries.push_back({&subscription, filter, filing});
}

void SubscriptionIndex::remove(Subscription& subscription) {
  for (const Filing& filing : subscription.filings) {
    const auto bucket = buckets_.find(filing.bucket);
    auto& entries = bucket->second;
    entries[filing.place] = entries.back();
    entries[filing.place].subscription->filings[entries[filing.place].filing].place = filing.place;
    entries.pop_back();
    if (entries.empty()) buckets_.erase(bucket);
  }
  subscription.filings.clear();
}

void SubscriptionIndex::bucket_keys(const nostr::Event& event) {
  keys_.clear();
  keys_.push_back(bucket_of(salt_, Field::all, ""));
  keys_.push_back(bucket_of(salt_, Field::id, event.id));
  keys_.push_back(bucket_of(salt_, Field::author, event.pubkey));
  keys_.push_back(bucket_of(salt_, event.kind));
  for (const nostr::Tag tag : event.tags) {
    if (const char letter = tag.indexed_letter())
      keys_.push_back(bucket_of(salt_, static_cast<std::uint8_t>(letter), tag.value()));
  }
  std::ranges::sort(keys_);
  const auto [repeated, end] = std::ranges::unique(keys_);
  keys_.erase(repeated, end);
}

}  // namespace relay
