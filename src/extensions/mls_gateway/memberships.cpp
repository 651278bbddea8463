#include "extensions/mls_gateway/memberships.h"

#include <algorithm>
#include <utility>

#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {
namespace {

// Of one key, loaded when it is proved: some 15 ms of the worker's time.
constexpr std::size_t max_groups = 10'000;

}  // namespace

void Memberships::Outside::add(std::string_view group) {
  if (newer_.size() >= kept) older_ = std::exchange(newer_, {});
  newer_.emplace(group);
}

void Memberships::Outside::erase(std::string_view group) {
  for (Ids* ids : {&newer_, &older_}) {
    if (const auto found = ids->find(group); found != ids->end()) ids->erase(found);
  }
}

bool Memberships::Outside::contains(std::string_view group) const {
  return newer_.contains(group) || older_.contains(group);
}

boost::asio::awaitable<bool> Memberships::join(nostr::PublicKey key) {
  const auto loading = loading_.emplace(loading_.end(), Loading{key});
  // Erased also when the wait is cancelled by an exception.
  const auto erase = [this](std::list<Loading>::iterator* entry) { loading_.erase(*entry); };
  auto entry = loading;
  const std::unique_ptr<std::list<Loading>::iterator, decltype(erase)> guard(&entry, erase);

  // One page is one snapshot; pages of different ages could bring a membership back that is over.
  const auto page = co_await rows_.scan_rows(membership_prefix(key), std::nullopt, max_groups);
  if (!page || loading->outdated) co_return false;
  load(*loading, *page);
  co_return true;
}

void Memberships::load(const Loading& loading, const store::RowPage& page) {
  Member& member = members_[loading.key];
  for (Group* group : member.groups) drop(loading.key, group);
  member = {.connections = member.connections + 1,
            .known_to = page.snapshot,
            .partial = page.next.has_value(),
            .changes = member.changes + 1};
  for (const store::Row& row : page.rows) {
    if (const auto parsed = parse_membership_key(row.key))
      set(loading.key, member, parsed->second, true);
  }
  for (const Change& change : loading.missed) {
    if (change.seq > page.snapshot) set(loading.key, member, change.group, change.is_member);
  }
}

void Memberships::leave(const nostr::PublicKey& key) {
  const auto found = members_.find(key);
  if (found == members_.end() || --found->second.connections > 0) return;
  for (Group* group : found->second.groups) drop(key, group);
  members_.erase(found);
}

void Memberships::forget() {
  for (auto& [key, member] : members_)
    member = {.connections = member.connections, .changes = member.changes + 1};
  groups_.clear();
  met_last_ = nullptr;
  for (Loading& loading : loading_) loading.outdated = true;
}

void Memberships::apply(const store::CommitBatch& batch) {
  for (const store::RowChange& change : batch.changes) {
    const auto parsed = parse_membership_key(change.key);
    if (!parsed) continue;
    const auto& [key, group] = *parsed;
    const bool is_member = change.value.has_value();
    if (const auto found = members_.find(key);
        found != members_.end() && batch.last > found->second.known_to) {
      set(key, found->second, group, is_member);
      ++found->second.changes;
    }
    for (Loading& loading : loading_) {
      if (loading.key == key) loading.missed.push_back({batch.last, std::string(group), is_member});
    }
  }
}

void Memberships::set(const nostr::PublicKey& key, Member& member, std::string_view group,
                      bool is_member) {
  auto found = groups_.find(group);
  if (is_member) {
    member.outside.erase(group);
    if (found == groups_.end()) found = groups_.try_emplace(std::string(group)).first;
    found->second.insert(key);
    member.groups.insert(&*found);
  } else if (found != groups_.end() && member.groups.erase(&*found) > 0) {
    drop(key, &*found);
  }
}

void Memberships::drop(const nostr::PublicKey& key, Group* group) {
  group->second.erase(key);
  if (!group->second.empty()) return;
  if (met_last_ == group) met_last_ = nullptr;
  groups_.erase(groups_.find(group->first));
}

const Memberships::Group* Memberships::find(std::string_view group_id) const {
  if (met_last_ && met_last_->first == group_id) return met_last_;
  const auto found = groups_.find(group_id);
  if (found == groups_.end()) return nullptr;
  return met_last_ = &*found;
}

bool Memberships::is_member(const nostr::Viewer& viewer, std::string_view group_id) const {
  if (viewer.anonymous()) return false;
  const Group* group = find(group_id);
  return group && std::ranges::any_of(viewer.keys,
                                      [&](const auto& key) { return group->second.contains(key); });
}

bool Memberships::undecided(const nostr::Viewer& viewer, std::string_view group_id) const {
  return !is_member(viewer, group_id) &&
         std::ranges::any_of(viewer.keys, [&](const nostr::PublicKey& key) {
           const auto found = members_.find(key);
           return found != members_.end() && found->second.partial &&
                  !found->second.outside.contains(group_id);
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
    if (found == members_.end() || found->second.changes != asked[i].changes) continue;
    if ((*values)[i])
      set(asked[i].key, found->second, asked[i].group, true);
    else
      found->second.outside.add(asked[i].group);
  }
}

}  // namespace extensions::mls_gateway
