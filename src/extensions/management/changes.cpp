#include "extensions/management/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace extensions::management {
namespace {

using store::Operation;
using store::RowView;
using Decision = std::expected<Operation::Effects, store::Refusal>;

/// Looks at whole lists: an operator's change is rare.
class Change final : public Operation {
 public:
  using Decide = std::function<Decision(const RowView&)>;

  Change(std::vector<List> lists, Decide decide)
      : lists_(std::move(lists)), decide_(std::move(decide)) {}

  void reads(store::Reads& reads) const override {
    for (const List list : lists_) reads.prefixes.push_back(prefix_of(list));
  }
  [[nodiscard]] Decision run(const RowView& rows, base::UnixSeconds) const override {
    return decide_(rows);
  }

 private:
  const std::vector<List> lists_;
  const Decide decide_;
};

store::OperationPtr change(std::vector<List> lists, Change::Decide decide) {
  return std::make_shared<Change>(std::move(lists), std::move(decide));
}

struct NewEntry {
  List list;
  std::string item, value;
};

/// The effects of putting it, unless the list is full.
Decision put_into(const RowView& rows, const NewEntry& entry, Bounds bounds) {
  std::string key = row_key(entry.list, entry.item);
  const std::size_t most = bounds.of(entry.list);
  if (!rows.get(key) && rows.scan(prefix_of(entry.list)).size() >= most)
    return std::unexpected(store::Refusal{
        fmt::format("list_full: the list holds {} entries, which is the most; take others off it "
                    "first",
                    most)});
  return Operation::Effects{.changes = {{std::move(key), entry.value}}};
}

}  // namespace

std::size_t Bounds::of(List list) const {
  constexpr std::size_t most_looked_through = 1000;  // one by one, for each event or connection
  const bool looked_up =
      list == List::banned_keys || list == List::allowed_keys || list == List::banned_events;
  return looked_up ? max_entries : std::min(max_entries, most_looked_through);
}

store::OperationPtr put(List list, std::string item, std::string reason, Bounds bounds) {
  NewEntry entry{list, std::move(item), std::move(reason)};
  return change({list}, [entry = std::move(entry), bounds](const RowView& rows) {
    return put_into(rows, entry, bounds);
  });
}

store::OperationPtr take_away(List list, std::string item) {
  return change({list}, [key = row_key(list, item)](const RowView& rows) -> Decision {
    if (!rows.get(key))
      return std::unexpected(
          store::Refusal{"not_listed: this is not on the list, so nothing was changed"});
    return Operation::Effects{.changes = {{key, std::nullopt}}};
  });
}

store::OperationPtr allow_key(const nostr::PublicKey& key, std::string reason, Bounds bounds) {
  NewEntry entry{List::allowed_keys, std::string(key.view()), std::move(reason)};
  return change({List::allowed_keys}, [entry = std::move(entry), bounds](const RowView& rows) {
    auto effects = put_into(rows, entry, bounds);
    if (effects) effects->changes.push_back({row_key(List::banned_keys, entry.item), std::nullopt});
    return effects;
  });
}

store::OperationPtr ban_event(const nostr::EventId& id, std::string reason, Bounds bounds) {
  NewEntry entry{List::banned_events, std::string(id.view()), std::move(reason)};
  return change({List::banned_events}, [entry = std::move(entry), id, bounds](const RowView& rows) {
    auto effects = put_into(rows, entry, bounds);
    if (effects) effects->picks.push_back({.id = id, .take = true});
    return effects;
  });
}

store::OperationPtr allow_event(const nostr::EventId& id) {
  return change({}, [key = row_key(List::banned_events, id.view())](const RowView&) -> Decision {
    return Operation::Effects{.changes = {{key, std::nullopt}}};
  });
}

store::OperationPtr allow_kind(nostr::Kind kind, Bounds bounds) {
  NewEntry entry{List::allowed_kinds, item_of(kind), {}};
  const std::vector lists = {List::allowed_kinds, List::disallowed_kinds};
  return change(lists, [entry = std::move(entry), bounds](const RowView& rows) -> Decision {
    const std::string disallowed = row_key(List::disallowed_kinds, entry.item);
    const bool others = !rows.scan(prefix_of(List::allowed_kinds)).empty();
    auto effects = others || !rows.get(disallowed) ? put_into(rows, entry, bounds)
                                                   : Decision(Operation::Effects{});
    if (effects) effects->changes.push_back({disallowed, std::nullopt});
    return effects;
  });
}

store::OperationPtr disallow_kind(nostr::Kind kind, Bounds bounds) {
  NewEntry entry{List::disallowed_kinds, item_of(kind), {}};
  return change({List::disallowed_kinds}, [entry = std::move(entry), bounds](const RowView& rows) {
    auto effects = put_into(rows, entry, bounds);
    if (effects)
      effects->changes.push_back({row_key(List::allowed_kinds, entry.item), std::nullopt});
    return effects;
  });
}

store::OperationPtr say(std::string_view what, std::string text) {
  const std::string key = row_key(List::texts, what);
  return change({}, [key, text = std::move(text)](const RowView&) -> Decision {
    auto value = text.empty() ? std::nullopt : std::optional(text);
    return Operation::Effects{.changes = {{key, std::move(value)}}};
  });
}

}  // namespace extensions::management
