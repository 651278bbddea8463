#include "extensions/mls_gateway/acl_cache.h"

#include <utility>

namespace extensions::mls_gateway {

Standing AclCache::find(AclPairView pair, SteadyTime now) const {
  const auto found = entries_.find(pair);
  if (found == entries_.end() || found->second.until <= now) return Standing::unknown;
  found->second.of_use = found->second.second_chance = true;
  return found->second.standing;
}

void AclCache::put(AclPairView pair, Standing standing, SteadyTime asked_at,
                   std::chrono::milliseconds ttl, SteadyTime now) {
  const SteadyTime until = asked_at + ttl;
  auto found = entries_.find(pair);
  if (until <= now || max_entries_ == 0) {
    if (found != entries_.end()) erase(*found);
    return;
  }
  if (found == entries_.end()) {
    make_room();
    found = entries_.try_emplace(AclPair{pair.key, std::string(pair.group)}).first;
    found->second.place = order_.insert(order_.end(), &*found);
    found->second.due = due_.end();
  }
  Entry& entry = found->second;
  entry.standing = standing;
  entry.from = asked_at;
  entry.until = until;
  entry.of_use = false;
  file_due(*found, until - ttl / 4);
}

void AclCache::make_room() {
  while (entries_.size() >= max_entries_) {
    Node& first = *order_.front();
    if (!std::exchange(first.second.second_chance, false)) return erase(first);
    order_.splice(order_.end(), order_, first.second.place);
  }
}

void AclCache::file_due(Node& node, SteadyTime at) {
  if (node.second.due != due_.end()) due_.erase(node.second.due);
  node.second.due = due_.emplace(at, &node);
}

void AclCache::erase(Node& node) {
  order_.erase(node.second.place);
  due_.erase(node.second.due);
  entries_.erase(entries_.find(AclPairView(node.first)));
}

void AclCache::forget(AclPairView pair) {
  if (const auto found = entries_.find(pair); found != entries_.end()) erase(*found);
}

void AclCache::forget_group(std::string_view group) {
  for (auto place = order_.begin(); place != order_.end();) {
    Node& node = **place++;
    if (node.first.group == group) erase(node);
  }
}

void AclCache::forget_all() {
  entries_.clear();
  order_.clear();
  due_.clear();
}

std::optional<SteadyTime> AclCache::next_due() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

std::vector<AclPair> AclCache::take_due(SteadyTime now,
                                        const std::function<bool(const AclPair&, Standing)>& kept) {
  std::vector<AclPair> again;
  while (!due_.empty() && due_.begin()->first <= now) {
    Node& node = *due_.begin()->second;
    const Entry& entry = node.second;
    if (entry.until <= now) {
      erase(node);
      continue;
    }
    if (entry.of_use || kept(node.first, entry.standing)) again.push_back(node.first);
    const auto left = entry.until - now;
    file_due(node, left > (entry.until - entry.from) / 16 ? now + left / 2 : entry.until);
  }
  return again;
}

}  // namespace extensions::mls_gateway
