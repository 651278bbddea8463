// Any sequence of roster events, messages, invitations and vanishing members: what is counted is
// what is there, a gated group keeps an admin, and nobody outside changes anything.
#include "extensions/mls_gateway/roster.h"

#include <algorithm>
#include <set>

#include "extensions/mls_gateway/rows.h"
#include "gateway_store.h"

using namespace extensions::mls_gateway;
using fuzzed::Rows;

namespace {

constexpr int max_steps = 80;
const std::array<std::string, 3> group_ids = {"a", "ab", std::string("a\x20") + "b"};

using Roles = std::map<nostr::PublicKey, Role>;

std::optional<Group> group_in(const Rows& rows, std::string_view id) {
  const auto row = rows.find(group_key(id));
  if (row == rows.end()) return std::nullopt;
  auto group = decode_group(row->second);
  check(group.has_value(), "a group's row can be read");
  return group;
}

Roles roles_in(const Rows& rows, std::string_view id) {
  Roles roles;
  for (const auto& [key, value] : rows) {
    if (!key.starts_with(member_prefix(id))) continue;
    const auto member = parse_member_key(key, id);
    const auto role = decode_role(value);
    check(member && role, "a member's row can be read");
    roles.emplace(*member, *role);
  }
  return roles;
}

std::size_t admins_of(const Roles& roles) {
  return static_cast<std::size_t>(
      std::ranges::count(roles, Role::admin, [](const auto& entry) { return entry.second; }));
}

void check_both_ends(const Rows& rows) {
  std::set<std::pair<std::string, nostr::PublicKey>> members, memberships;
  for (const auto& id : group_ids) {
    for (const auto& [key, role] : roles_in(rows, id)) {
      members.emplace(id, key);
      const auto other = rows.find(membership_key(key, id));
      check(other != rows.end() && decode_role(other->second) == role,
            "both ends of a membership agree");
    }
  }
  for (const auto& [key, value] : rows) {
    if (const auto parsed = parse_membership_key(key))
      memberships.emplace(std::string(parsed->second), parsed->first);
  }
  check(members == memberships, "both ends of each membership are there");
}

/// What a step did, and by whom.
struct Step {
  nostr::EventPtr event{};
  nostr::ViewerPtr viewer{};
  fuzzed::Published published{};
  Rows before{}, after{};
};

class Groups {
 public:
  explicit Groups(FuzzedDataProvider& bytes) : bytes_(bytes), store_(pick_config(bytes)) {}

  void step() {
    store_.now += bytes_.ConsumeIntegralInRange(0, 40) * 5;
    Step step{.event = pick_event(), .viewer = fuzzed::pick_viewer(bytes_)};
    step.before = store_.rows();
    step.published = store_.publish(step.event, step.viewer);
    step.after = store_.rows();
    events_.push_back(step.event);
    if (step.event->kind == nostr::kind::vanish && step.published.well_formed) note_vanish(step);
    check_step(step);
  }

 private:
  static Config pick_config(FuzzedDataProvider& bytes) {
    Config config;
    config.membership = bytes.ConsumeBool() ? "giftwrap" : "roster";
    config.invite_by = bytes.ConsumeBool() ? "members" : "admins";
    config.marmot = bytes.PickValueInArray({"capability", "require-auth", "off"});
    config.founders_restricted = bytes.ConsumeBool();
    config.founders = {fuzzed::bytes32(1), fuzzed::bytes32(2)};
    config.welcome_ttl = 100;
    return config;
  }

  nostr::EventPtr pick_event() {
    if (!events_.empty() && bytes_.ConsumeProbability<float>() < 0.1F)
      return events_[bytes_.ConsumeIntegralInRange<std::size_t>(0, events_.size() - 1)];
    auto event = std::make_shared<nostr::Event>();
    event->id = fuzzed::bytes32(events_.size() + 1);
    event->pubkey = fuzzed::pick_key(bytes_);
    event->created_at = store_.now;
    event->kind = bytes_.PickValueInArray<nostr::Kind>(
        {nostr::kind::roster, nostr::kind::roster, nostr::kind::roster, nostr::kind::group_message,
         nostr::kind::gift_wrap, nostr::kind::vanish});
    if (event->kind != nostr::kind::vanish)
      fuzzed::add_tag(*event, "h", group_ids[bytes_.ConsumeIntegralInRange<std::size_t>(0, 2)]);
    if (event->kind == nostr::kind::roster) add_order(*event);
    if (event->kind == nostr::kind::gift_wrap) add_member(*event);
    if (event->kind == nostr::kind::group_message && bytes_.ConsumeBool())
      fuzzed::add_tag(*event, "k", std::to_string(bytes_.ConsumeIntegral<std::uint8_t>()));
    return event;
  }

  void add_member(nostr::Event& event) {
    fuzzed::add_tag(event, "p", base::to_hex(fuzzed::pick_key(bytes_)));
  }

  void add_order(nostr::Event& event) {
    fuzzed::add_tag(event, "op",
                    bytes_.PickValueInArray({"bootstrap", "add", "remove", "promote", "demote",
                                             "replace", "rename", "leave"}));
    if (bytes_.ConsumeBool()) last_seq_ += bytes_.ConsumeIntegralInRange<std::uint64_t>(0, 3);
    fuzzed::add_tag(event, "seq", std::to_string(last_seq_));
    for (auto left = bytes_.ConsumeIntegralInRange(0, 4); left > 0; --left) add_member(event);
    fuzzed::add_tag(event, "name", "n");
  }

  void note_vanish(const Step& step) {
    for (const auto& id : group_ids) {
      if (roles_in(step.before, id).contains(step.event->pubkey)) bereaved_.insert(id);
    }
    for (const auto& [key, value] : step.after) {
      const auto membership = parse_membership_key(key);
      check(step.published.result.outcome != store::Outcome::accepted || !membership ||
                membership->first != step.event->pubkey,
            "who vanished is in no group");
    }
  }

  void check_step(const Step& step) {
    const bool accepted =
        step.published.well_formed && step.published.result.outcome == store::Outcome::accepted;
    if (!accepted) check(step.before == step.after, "what is not accepted changes nothing");
    check_both_ends(step.after);
    for (const auto& id : group_ids) check_group(step, id);
    if (step.event->kind == nostr::kind::vanish || !step.published.well_formed) return;
    check_right(step, accepted);
    if (accepted && step.event->kind == nostr::kind::roster) check_order(step);
  }

  void check_group(const Step& step, const std::string& id) {
    const auto before = group_in(step.before, id), after = group_in(step.after, id);
    if (!after) return check(!before, "a group stays");
    const Roles roles = roles_in(step.after, id);
    check(after->member_count == roles.size(), "members are counted");
    check(after->admin_count == admins_of(roles), "admins are counted");
    check(after->mode == GroupMode::capability || after->admin_count > 0 || bereaved_.contains(id),
          "a gated group keeps an admin");
    check(after->mode == GroupMode::gated || roles.empty(), "a capability group has no members");
    if (!before) return;
    check(before->mode == after->mode || after->mode == GroupMode::gated,
          "a gated group stays one");
    check(before->roster_seq <= after->roster_seq, "roster_seq never falls");
    check(before->last_epoch <= after->last_epoch, "the epoch never falls");
    check(before->last_activity <= after->last_activity, "activity never goes back");
  }

  /// Whoever is outside a gated group changes nothing in it and learns nothing.
  static void check_right(const Step& step, bool accepted) {
    const std::string id(*step.event->tags.first("h"));
    const auto group = group_in(step.before, id);
    if (!group || group->mode != GroupMode::gated) return;
    const Roles roles = roles_in(step.before, id);
    const bool by_author = step.event->kind == nostr::kind::roster;
    const bool inside = by_author ? roles.contains(step.event->pubkey)
                                  : std::ranges::any_of(step.viewer->keys, [&](const auto& key) {
                                      return roles.contains(key);
                                    });
    if (inside) return;
    check(!accepted && step.published.result.outcome == store::Outcome::refused,
          "an outsider is refused");
    check(step.published.result.reason.starts_with("restricted: you are neither") ||
              step.published.result.reason.starts_with("auth-required: "),
          "an outsider gets one answer");
  }

  static void check_order(const Step& step) {
    const std::string id(*step.event->tags.first("h"));
    const auto order = parse_roster_order(*step.event);
    const auto before = group_in(step.before, id), after = group_in(step.after, id);
    const Roles old_roles = roles_in(step.before, id), roles = roles_in(step.after, id);
    const nostr::PublicKey& author = step.event->pubkey;
    check(after && after->mode == GroupMode::gated, "an order takes effect in a gated group");
    if (order->op == RosterOp::leave) return check(!roles.contains(author), "who leaves is gone");
    check(order->seq == after->roster_seq, "roster_seq is the order's");
    if (order->op != RosterOp::bootstrap) {
      check(before && before->roster_seq < order->seq, "an order's seq is newer");
      check(old_roles.contains(author) && old_roles.at(author) == Role::admin,
            "an admin gives orders");
    }
    for (const auto& key : order->keys) check_key(order->op, key, old_roles, roles);
    if (order->op == RosterOp::replace)
      check(roles.size() == order->keys.size(), "replace leaves the named keys");
    if (order->op == RosterOp::rename) check(after->display_name == "n", "rename names the group");
  }

  static void check_key(RosterOp op, const nostr::PublicKey& key, const Roles& before,
                        const Roles& after) {
    const auto found = after.find(key);
    const bool is_admin = found != after.end() && found->second == Role::admin;
    const auto old = before.find(key);
    if (op == RosterOp::remove) check(found == after.end(), "who is removed is gone");
    if (op == RosterOp::promote) check(is_admin, "who is promoted is an admin");
    if (op == RosterOp::demote) check(!is_admin, "who is demoted is no admin");
    if (op == RosterOp::add || op == RosterOp::replace || op == RosterOp::bootstrap)
      check(found != after.end(), "who is added is there");
    if (op == RosterOp::add)
      check(is_admin == (old != before.end() && old->second == Role::admin),
            "adding changes no role");
  }

  FuzzedDataProvider& bytes_;
  fuzzed::GatewayStore store_;
  std::vector<nostr::EventPtr> events_;
  std::set<std::string> bereaved_;  // groups that a vanished key was in
  std::uint64_t last_seq_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  Groups groups(bytes);
  for (int step = 0; step < max_steps && bytes.remaining_bytes() > 0; ++step) groups.step();
  return 0;
}
