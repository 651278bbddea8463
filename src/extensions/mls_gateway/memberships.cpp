#include "extensions/mls_gateway/memberships.h"

#include <algorithm>

#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {
namespace {

// Of one key, loaded when it is proved: 10 ms of the worker's time.
constexpr std::size_t max_groups = 10'000;

}  // namespace

boost::asio::awaitable<bool> Memberships::join(nostr::PublicKey key) {
  const auto loading = loading_.emplace(loading_.end(), Loading{key});
  // Erased also when the wait is cancelled by an exception.
  const auto erase = [this](std::list<Loading>::iterator* entry) { loading_.erase(*entry); };
  auto entry = loading;
  const std::unique_ptr<std::list<Loading>::iterator, decltype(erase)> guard(&entry, erase);

  auto loaded = co_await load(*loading);
  if (!loaded) co_return false;
  Member& member = members_[key];
  loaded->connections = member.connections + 1;
  member = std::move(*loaded);
  co_return true;
}

boost::asio::awaitable<std::expected<Memberships::Member, store::StoreError>> Memberships::load(
    const Loading& loading) {
  // One page is one snapshot; pages of different ages could bring a membership back that is over.
  auto page = co_await rows_.scan_rows(membership_prefix(loading.key), std::nullopt, max_groups);
  if (!page) co_return std::unexpected(std::move(page.error()));
  Member member{.known_to = page->snapshot, .partial = page->next.has_value()};
  for (const store::Row& row : page->rows) {
    if (const auto parsed = parse_membership_key(row.key)) member.groups.emplace(parsed->second);
  }
  for (const Change& change : loading.missed) {
    if (change.seq > page->snapshot) set(member.groups, change.group, change.is_member);
  }
  co_return member;
}

void Memberships::leave(const nostr::PublicKey& key) {
  const auto found = members_.find(key);
  if (found != members_.end() && --found->second.connections == 0) members_.erase(found);
}

void Memberships::apply(const store::CommitBatch& batch) {
  for (const store::RowChange& change : batch.changes) {
    const auto parsed = parse_membership_key(change.key);
    if (!parsed) continue;
    const auto& [key, group] = *parsed;
    const bool is_member = change.value.has_value();
    if (const auto found = members_.find(key);
        found != members_.end() && batch.last > found->second.known_to) {
      set(found->second.groups, group, is_member);
      ++found->second.changes;
    }
    for (Loading& loading : loading_) {
      if (loading.key == key) loading.missed.push_back({batch.last, std::string(group), is_member});
    }
  }
}

void Memberships::set(Groups& groups, std::string_view group, bool is_member) {
  if (is_member)
    groups.emplace(group);
  else if (const auto found = groups.find(group); found != groups.end())
    groups.erase(found);
}

bool Memberships::is_member(const nostr::Viewer& viewer, std::string_view group_id) const {
  return std::ranges::any_of(viewer.keys, [&](const nostr::PublicKey& key) {
    const auto found = members_.find(key);
    return found != members_.end() && found->second.groups.contains(group_id);
  });
}

bool Memberships::undecided(const nostr::Viewer& viewer, std::string_view group_id) const {
  return !is_member(viewer, group_id) &&
         std::ranges::any_of(viewer.keys, [&](const nostr::PublicKey& key) {
           const auto found = members_.find(key);
           return found != members_.end() && found->second.partial;
         });
}

boost::asio::awaitable<void> Memberships::look_up(nostr::ViewerPtr viewer,
                                                  std::vector<std::string> groups) {
  struct Asked {
    nostr::PublicKey key;
    std::string group;
    std::uint64_t changes;
  };
  std::vector<Asked> asked;
  std::vector<std::string> rows;
  for (const auto& key : viewer->keys) {
    const auto found = members_.find(key);
    if (found == members_.end() || !found->second.partial) continue;
    for (const auto& group : groups) {
      asked.push_back({key, group, found->second.changes});
      rows.push_back(membership_key(key, group));
    }
  }
  const auto values = co_await rows_.get_rows(std::move(rows));
  if (!values) co_return;
  // What a commit changed meanwhile is newer than what was read: then this look does not count, and the next one will.
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto found = members_.find(asked[i].key);
    if ((*values)[i] && found != members_.end() && found->second.changes == asked[i].changes)
      found->second.groups.insert(asked[i].group);
  }
}

}  // namespace extensions::mls_gateway
