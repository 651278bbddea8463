// Any event, by anyone: what passes has the shape that the decisions behind it rely on.
#include "extensions/mls_gateway/event_shape.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <set>

#include "check.h"
#include "extensions/mls_gateway/roster.h"
#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/text.h"
#include "nostr/kinds.h"

using namespace extensions::mls_gateway;

namespace {

std::string hex_key(FuzzedDataProvider& bytes) {
  return std::string(63, '0') + bytes.PickValueInArray({"1", "2", "3"});
}

std::string pick_value(FuzzedDataProvider& bytes) {
  switch (bytes.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return hex_key(bytes);
    case 1:
      return bytes.PickValueInArray({"bootstrap", "add", "remove", "promote", "demote", "replace",
                                     "rename", "leave", "gift.1", "noise.1", "", "0",
                                     "9223372036854775807", "9223372036854775808"});
    case 2:
      return std::string(bytes.ConsumeIntegralInRange<std::size_t>(0, 300), 'g');
    default:
      return bytes.ConsumeRandomLengthString(20);
  }
}

nostr::Event pick_event(FuzzedDataProvider& bytes) {
  nostr::Event event;
  event.kind = bytes.ConsumeBool()
                   ? bytes.PickValueInArray<nostr::Kind>({443, 444, 445, 446, 450, 1059, 21059})
                   : bytes.ConsumeIntegral<nostr::Kind>();
  event.pubkey = *base::from_hex<nostr::PublicKey>(hex_key(bytes));
  for (auto tags = bytes.ConsumeIntegralInRange(0, 8); tags > 0; --tags) {
    event.tags.begin_tag();
    const auto strings = bytes.ConsumeIntegralInRange(0, 3);
    if (strings > 0)
      event.tags.add_string(
          bytes.ConsumeProbability<float>() < 0.9F
              ? bytes.PickValueInArray({"h", "p", "k", "v", "op", "seq", "name", "kpr", "exp", "d"})
              : bytes.ConsumeRandomLengthString(4));
    for (auto left = strings; left > 1; --left) event.tags.add_string(pick_value(bytes));
  }
  return event;
}

nostr::Viewer pick_viewer(FuzzedDataProvider& bytes) {
  nostr::Viewer viewer;
  for (auto keys = bytes.ConsumeIntegralInRange(0, 2); keys > 0; --keys)
    viewer.keys.push_back(*base::from_hex<nostr::PublicKey>(hex_key(bytes)));
  return viewer;
}

Config pick_config(FuzzedDataProvider& bytes) {
  Config config;
  config.membership = bytes.PickValueInArray({"giftwrap", "roster", "acl"});
  config.gift_wraps = bytes.ConsumeBool() ? "anyone" : "authenticated";
  return config;
}

bool has_one_group(const nostr::Event& event) {
  const auto id = event.tags.first("h");
  return event.tags.count("h") == 1 && !id->empty() && id->size() <= max_group_id_bytes;
}

bool has_one_recipient(const nostr::Event& event) {
  return event.tags.count("p") == 1 &&
         base::from_hex<nostr::PublicKey>(*event.tags.first("p")).has_value();
}

void check_accepted_roster(const nostr::Event& event, const nostr::Viewer& viewer) {
  check(has_one_group(event), "a roster event has one group");
  check(viewer.proves(event.pubkey), "a roster event comes from its author");
  const auto order = parse_roster_order(event);
  check(order.has_value(), "a roster event is an order");
  const std::set<nostr::PublicKey> keys(order->keys.begin(), order->keys.end());
  check(keys.size() == order->keys.size(), "an order names each key once");
  check(std::ranges::is_sorted(order->keys), "an order's keys are sorted");
  check(order->name.size() <= max_display_name_bytes, "a name is bounded");
}

void check_accepted_package(const nostr::Event& event, const nostr::Viewer& viewer,
                            base::UnixSeconds now) {
  const auto owner = event.tags.first("p");
  check(event.tags.count("p") <= 1, "a key package has one owner at most");
  check(!owner || (*owner == base::to_hex(event.pubkey) && viewer.proves(event.pubkey)),
        "an owned key package comes from its owner");
  const auto expiry = event.tags.first("exp");
  check(!expiry || decimal(*expiry).value_or(0) > now, "a key package has not expired");
  const auto reference = event.tags.first("kpr");
  check(!reference || (!reference->empty() && reference->size() <= max_key_reference_bytes),
        "a key reference is bounded");
}

void check_accepted(const nostr::Event& event, const nostr::Viewer& viewer, base::UnixSeconds now) {
  switch (event.kind) {
    case nostr::kind::key_package:
      return check_accepted_package(event, viewer, now);
    case nostr::kind::welcome:
      return check(false, "a Welcome is never accepted");
    case nostr::kind::group_message:
      return check(has_one_group(event) && event.tags.count("k") <= 1,
                   "a message has one group and at most one epoch");
    case nostr::kind::noise_dm:
      check(!viewer.anonymous(), "a Noise message has a sender");
      return check(has_one_recipient(event), "a Noise message has one recipient");
    case nostr::kind::roster:
      return check_accepted_roster(event, viewer);
    case nostr::kind::gift_wrap:
      check(has_one_recipient(event), "a gift wrap has one recipient");
      return check(!event.tags.first("h") || (has_one_group(event) && !viewer.anonymous()),
                   "an invitation has one group and a sender");
    default:
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  const Config config = pick_config(bytes);
  const nostr::Viewer viewer = pick_viewer(bytes);
  const nostr::Event event = pick_event(bytes);
  const base::UnixSeconds now = bytes.ConsumeIntegralInRange<base::UnixSeconds>(0, 2);
  const base::IpAddress peer;
  const relay::Verdict verdict = check_shape(config, {event, viewer, peer, now, 0});
  if (!verdict.denied()) {
    check_accepted(event, viewer, now);
  } else {
    const auto& reason = verdict.reason();
    check(reason.starts_with("invalid: ") || reason.starts_with("restricted: ") ||
              reason.starts_with("auth-required: "),
          "a refusal has its prefix");
    check(viewer.anonymous() || !reason.starts_with("auth-required: "),
          "who proved a key is not told to");
  }
  return 0;
}
