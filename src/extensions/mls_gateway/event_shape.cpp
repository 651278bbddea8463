#include "extensions/mls_gateway/event_shape.h"

#include <optional>

#include "extensions/mls_gateway/roster.h"
#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/text.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

using nostr::Event;
using relay::EventContext;
using relay::Verdict;

Verdict check_group_id(const Event& event) {
  const std::string_view id = *event.tags.first("h");
  if (id.empty() || id.size() > max_group_id_bytes)
    return Verdict::deny("invalid: the group id in `h` takes 1 to 128 bytes");
  if (has_control_characters(id))
    return Verdict::deny("invalid: the group id in `h` has control characters");
  return Verdict::pass();
}

Verdict check_recipient(const Event& event) {
  // Tags are counted, not their values: a repeated `p` is refused even with equal values.
  if (event.tags.count("p") != 1)
    return Verdict::deny("invalid: exactly one `p` tag is needed, the recipient");
  if (!base::from_hex<nostr::PublicKey>(*event.tags.first("p")))
    return Verdict::deny("invalid: `p` must be a public key, 64 lowercase hex characters");
  return Verdict::pass();
}

Verdict check_version(const Event& event, std::string_view version) {
  for (const nostr::Tag tag : event.tags) {
    if (tag.name() == "v" && tag.value() != version)
      return Verdict::deny("invalid: `v` must be \"" + std::string(version) + "\"");
  }
  return Verdict::pass();
}

Verdict check_author(const EventContext& context) {
  if (context.viewer.proves(context.event.pubkey)) return Verdict::pass();
  return Verdict::deny(context.viewer.anonymous()
                           ? "auth-required: prove the key this package belongs to (NIP-42)"
                           : "restricted: only its owner may publish this key package");
}

Verdict check_package_expiry(const EventContext& context) {
  const auto expiry = context.event.tags.first("exp");
  if (!expiry) return Verdict::pass();
  const auto at = decimal(*expiry);
  if (!at) return Verdict::deny("invalid: `exp` must be a Unix time in seconds, decimal");
  if (*at <= context.now)
    return Verdict::deny("invalid: this key package has expired; publish a fresh one");
  return Verdict::pass();
}

Verdict check_key_package(const EventContext& context) {
  const Event& event = context.event;
  const std::size_t owners = event.tags.count("p");
  if (owners > 1) return Verdict::deny("invalid: a key package has at most one `p` tag");
  if (owners == 1 && *event.tags.first("p") != base::to_hex(event.pubkey))
    return Verdict::deny("invalid: `p` of a key package must be its author");
  if (Verdict expiry = check_package_expiry(context); expiry.denied()) return expiry;
  if (const auto reference = event.tags.first("kpr");
      reference && (reference->empty() || reference->size() > max_key_reference_bytes))
    return Verdict::deny("invalid: the key reference in `kpr` takes 1 to 256 bytes");
  return owners == 1 ? check_author(context) : Verdict::pass();
}

Verdict check_group_message(const EventContext& context) {
  const Event& event = context.event;
  if (event.tags.count("h") != 1)
    return Verdict::deny("invalid: a group message has exactly one `h` tag, its group");
  if (event.tags.count("k") > 1)
    return Verdict::deny("invalid: a group message has at most one `k` tag");
  if (const auto epoch = event.tags.first("k"); epoch && !decimal(*epoch))
    return Verdict::deny("invalid: the epoch in `k` must be a decimal number below 2^63");
  return check_group_id(event);
}

Verdict check_noise_dm(const EventContext& context) {
  if (Verdict recipient = check_recipient(context.event); recipient.denied()) return recipient;
  if (Verdict version = check_version(context.event, "noise.1"); version.denied()) return version;
  if (context.viewer.anonymous())
    return Verdict::deny(
        "auth-required: Noise messages are taken from authenticated clients (NIP-42)");
  return Verdict::pass();
}

Verdict check_roster(const Config& config, const EventContext& context) {
  const Event& event = context.event;
  if (config.membership == "acl")
    return Verdict::deny("restricted: membership is kept elsewhere here, by the operator");
  if (event.tags.count("h") != 1)
    return Verdict::deny("invalid: a roster event has exactly one `h` tag, its group");
  if (Verdict group = check_group_id(event); group.denied()) return group;
  if (const auto order = parse_roster_order(event); !order) return Verdict::deny(order.error());
  if (context.viewer.proves(event.pubkey)) return Verdict::pass();
  return Verdict::deny(context.viewer.anonymous()
                           ? "auth-required: prove the key that signed this roster event (NIP-42)"
                           : "restricted: only its author may publish a roster event");
}

Verdict check_gift_wrap(const Config& config, const EventContext& context) {
  const Event& event = context.event;
  if (Verdict recipient = check_recipient(event); recipient.denied()) return recipient;
  if (Verdict version = check_version(event, "gift.1"); version.denied()) return version;
  const std::size_t groups = event.tags.count("h");
  if (groups > 1) return Verdict::deny("invalid: a gift wrap has at most one `h` tag");
  if (groups == 0 && (config.gift_wraps == "anyone" || !context.viewer.anonymous()))
    return Verdict::pass();
  if (groups == 0)
    return Verdict::deny(
        "auth-required: gift wraps are taken from authenticated clients here (NIP-42)");
  if (Verdict group = check_group_id(event); group.denied()) return group;
  if (context.viewer.anonymous())
    return Verdict::deny(
        "auth-required: an invitation into a group needs an authenticated member (NIP-42)");
  return Verdict::pass();
}

}  // namespace

Verdict check_shape(const Config& config, const EventContext& context) {
  switch (context.event.kind) {
    case nostr::kind::key_package:
      return check_key_package(context);
    case nostr::kind::addressable_key_package:
      return check_package_expiry(context);
    case nostr::kind::welcome:
      return Verdict::deny(
          "invalid: a Welcome (444) travels inside a gift wrap (1059), never on its own");
    case nostr::kind::group_message:
      return check_group_message(context);
    case nostr::kind::noise_dm:
      return check_noise_dm(context);
    case nostr::kind::roster:
      return check_roster(config, context);
    case nostr::kind::gift_wrap:
      return check_gift_wrap(config, context);
    case nostr::kind::ephemeral_gift_wrap:
      return check_recipient(context.event);
    default:
      return Verdict::pass();
  }
}

}  // namespace extensions::mls_gateway
