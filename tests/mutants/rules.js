// One entry for each rule that can be switched off: in `file`, the expression `rule` (there exactly once) becomes
// (off("name") ? without : rule). The adversary test must then fail.
const gateway = 'src/extensions/mls_gateway';

export const rules = [
  {
    name: 'only members read a gated group',
    file: `${gateway}/read_rules.cpp`,
    rule: '!is_member(state, viewer, *group)',
    without: 'false',
  },
  {
    name: 'a capability group is read by its id alone',
    file: `${gateway}/read_rules.cpp`,
    rule: 'names_group(filter, *group)',
    without: 'true',
  },
  {
    name: 'wraps and Noise messages are for their recipient',
    file: `${gateway}/read_rules.cpp`,
    rule: 'case nostr::kind::ephemeral_gift_wrap:\n      return is_recipient(*stored.event, viewer)',
    without: 'case nostr::kind::ephemeral_gift_wrap:\n      return off(NAME) || is_recipient(*stored.event, viewer)',
    whole: true,
  },
  {
    name: 'owned key packages need AUTH',
    file: `${gateway}/read_rules.cpp`,
    rule: ': !viewer.anonymous()',
    without: ': off(NAME) || !viewer.anonymous()',
    whole: true,
  },
  {
    name: 'for a single use others are given packages one by one',
    file: `${gateway}/read_rules.cpp`,
    rule: 'config.keypackage_delivery == "single_use"',
    without: 'false',
  },
  {
    name: 'a handed-out package is consumed',
    file: `${gateway}/hand_out.cpp`,
    rule: '!chosen->last_resort && live.size() > 1',
    without: 'false',
  },
  {
    name: 'a consumed package does not come again',
    file: `${gateway}/key_package_pool.cpp`,
    rule: 'rows.get(consumed_key(publication.event.id)) || (live && known->consumed)',
    without: 'false',
  },
  {
    name: 'only members write to a gated group',
    file: `${gateway}/groups.cpp`,
    rule: '!is_new && !standing_of(config, publication, *draft)',
    without: 'false',
  },
  {
    name: 'only members invite',
    file: `${gateway}/groups.cpp`,
    rule: 'if (!role) return refuse_outsider(publication.viewer);',
    without: 'if (!role && !off(NAME)) return refuse_outsider(publication.viewer);',
    whole: true,
  },
  {
    name: 'only its founder may gate a capability group',
    file: `${gateway}/roster.cpp`,
    rule: 'exists && draft.group().founder != author',
    without: 'false',
  },
  {
    name: 'only admins change a group',
    file: `${gateway}/roster.cpp`,
    rule: 'order.op != RosterOp::leave && *role != Role::admin',
    without: 'false',
  },
  {
    name: 'a stale seq is refused',
    file: `${gateway}/roster.cpp`,
    rule: 'order.op != RosterOp::leave && order.seq <= draft.group().roster_seq',
    without: 'false',
  },
  {
    name: 'the last admin stays',
    file: `${gateway}/roster.cpp`,
    rule: 'had_admin && draft.group().admin_count == 0',
    without: 'false',
  },
  {
    name: 'a roster event comes from its author',
    file: `${gateway}/event_shape.cpp`,
    rule: 'if (context.viewer.proves(event.pubkey)) return Verdict::pass();',
    without: 'if (off(NAME) || context.viewer.proves(event.pubkey)) return Verdict::pass();',
    whole: true,
  },
  {
    name: 'a Welcome is never taken bare',
    file: `${gateway}/event_shape.cpp`,
    rule: 'case nostr::kind::welcome:\n      return',
    without: 'case nostr::kind::welcome:\n      if (off(NAME)) return Verdict::pass();\n      return',
    whole: true,
  },
  {
    name: 'recipients are counted',
    file: `${gateway}/event_shape.cpp`,
    rule: 'event.tags.count("p") != 1',
    without: 'event.tags.count("p") < 1',
  },
  {
    name: 'groups of a message are counted',
    file: `${gateway}/event_shape.cpp`,
    rule: 'event.tags.count("h") != 1)\n    return Verdict::deny("invalid: a group message',
    without: '(off(NAME) ? event.tags.count("h") < 1 : event.tags.count("h") != 1))\n    return Verdict::deny("invalid: a group message',
    whole: true,
  },
  {
    name: 'a key package comes from its owner',
    file: `${gateway}/event_shape.cpp`,
    rule: 'if (context.viewer.proves(context.event.pubkey)) return Verdict::pass();',
    without: 'if (off(NAME) || context.viewer.proves(context.event.pubkey)) return Verdict::pass();',
    whole: true,
  },
  {
    name: 'a removal takes effect on open subscriptions',
    file: `${gateway}/memberships.cpp`,
    rule: 'const bool is_member = change.value.has_value();',
    without: 'const bool is_member = off(NAME) || change.value.has_value();',
    whole: true,
  },
  {
    name: 'an upgraded group is for members, old messages too',
    file: `${gateway}/gateway_worker.cpp`,
    rule: 'const auto group = parse_upgrade_key(change.key)',
    without: 'const auto group = off(NAME) ? std::nullopt : parse_upgrade_key(change.key)',
    whole: true,
  },
  {
    name: 'refusals come before the duplicate check',
    file: 'src/store/commit.cpp',
    rule: '  auto staged = stage(write);\n',
    without:
      '  if (off(NAME) && ledger_.contains(event.id)) return {Outcome::duplicate, {}};\n  auto staged = stage(write);\n',
    whole: true,
  },
  {
    name: 'an AUTH event is never stored',
    file: 'src/relay/handle_event.cpp',
    rule: 'event.kind == nostr::kind::client_auth',
    without: 'false',
  },
];
