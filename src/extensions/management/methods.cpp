#include "extensions/management/methods.h"

#include <fmt/format.h>

#include <array>

#include "nostr/relay_message.h"

namespace extensions::management {
namespace {

using Change = Parsed<store::OperationPtr>;

constexpr std::size_t max_name_bytes = 256;
constexpr std::size_t max_description_bytes = 4096;
constexpr std::size_t max_url_bytes = 1024;

/// The operation that `make` makes of the first parameter, as `read` reads it, and the reason.
template <typename Read, typename Make>
Change with_reason(const Params& params, Read read, Make make) {
  const auto what = read(params);
  if (!what) return std::unexpected(what.error());
  auto reason = reason_param(params);
  if (!reason) return std::unexpected(std::move(reason.error()));
  return make(*what, *std::move(reason));
}

std::string bytes_of(const base::Bytes32& key) { return std::string(key.view()); }

Change ban_key(const Params& params, Bounds bounds) {
  return with_reason(params, key_param, [&](const auto& key, std::string reason) {
    return put(List::banned_keys, bytes_of(key), std::move(reason), bounds);
  });
}

Change unban_key(const Params& params, Bounds) {
  return with_reason(params, key_param, [](const auto& key, const std::string&) {
    return take_away(List::banned_keys, bytes_of(key));
  });
}

Change allow_listed_key(const Params& params, Bounds bounds) {
  return with_reason(params, key_param, [&](const auto& key, std::string reason) {
    return allow_key(key, std::move(reason), bounds);
  });
}

Change unallow_key(const Params& params, Bounds) {
  return with_reason(params, key_param, [](const auto& key, const std::string&) {
    return take_away(List::allowed_keys, bytes_of(key));
  });
}

Change allow_banned_event(const Params& params, Bounds) {
  return with_reason(params, event_param,
                     [](const auto& id, const std::string&) { return allow_event(id); });
}

Change ban_this_event(const Params& params, Bounds bounds) {
  return with_reason(params, event_param, [&](const auto& id, std::string reason) {
    return ban_event(id, std::move(reason), bounds);
  });
}

Change say_text(std::string_view what, const Params& params, std::size_t max_bytes) {
  auto text = text_param(params, max_bytes);
  if (!text) return std::unexpected(std::move(text.error()));
  return say(what, *std::move(text));
}

Change change_name(const Params& params, Bounds) {
  return say_text("name", params, max_name_bytes);
}

Change change_description(const Params& params, Bounds) {
  return say_text("description", params, max_description_bytes);
}

Change change_icon(const Params& params, Bounds) {
  const auto url = text_param(params, max_url_bytes);
  if (url && !url->empty() && !url->starts_with("https://") && !url->starts_with("http://"))
    return std::unexpected("an icon is a URL that begins with https:// or http://");
  return say_text("icon", params, max_url_bytes);
}

Change allow_this_kind(const Params& params, Bounds bounds) {
  return with_reason(params, kind_param, [&](nostr::Kind kind, const std::string&) {
    return allow_kind(kind, bounds);
  });
}

Change disallow_this_kind(const Params& params, Bounds bounds) {
  return with_reason(params, kind_param, [&](nostr::Kind kind, const std::string&) {
    return disallow_kind(kind, bounds);
  });
}

Change block_address(const Params& params, Bounds bounds) {
  return with_reason(params, network_param, [&](const auto& network, std::string reason) {
    return put(List::blocked_addresses, item_of(network), std::move(reason), bounds);
  });
}

Change unblock_address(const Params& params, Bounds) {
  return with_reason(params, network_param, [](const auto& network, const std::string&) {
    return take_away(List::blocked_addresses, item_of(network));
  });
}

constexpr std::array all_methods = {
    Method{"banpubkey", ban_key},
    Method{"unbanpubkey", unban_key},
    Method{.name = "listbannedpubkeys", .lists = List::banned_keys},
    Method{"allowpubkey", allow_listed_key},
    Method{"unallowpubkey", unallow_key},
    Method{.name = "listallowedpubkeys", .lists = List::allowed_keys},
    Method{"allowevent", allow_banned_event},
    Method{"banevent", ban_this_event},
    Method{.name = "listbannedevents", .lists = List::banned_events},
    Method{"changerelayname", change_name},
    Method{"changerelaydescription", change_description},
    Method{"changerelayicon", change_icon},
    Method{"allowkind", allow_this_kind},
    Method{"disallowkind", disallow_this_kind},
    Method{.name = "listallowedkinds", .lists = List::allowed_kinds},
    Method{.name = "listdisallowedkinds", .lists = List::disallowed_kinds},
    Method{"blockip", block_address},
    Method{"unblockip", unblock_address},
    Method{.name = "listblockedips", .lists = List::blocked_addresses},
};

std::string object(std::string_view name, std::string_view text, std::string_view reason) {
  std::string json = fmt::format(R"({{"{}":"{}")", name, text);
  if (!reason.empty()) {
    json += R"(,"reason":)";
    nostr::append_json_string(json, reason);
  }
  return json += '}';
}

}  // namespace

std::span<const Method> methods() { return all_methods; }

std::string entry_json(List list, std::string_view item, std::string_view reason) {
  switch (list) {
    case List::banned_keys:
    case List::allowed_keys:
      return object("pubkey", base::to_hex(read_bytes(item).value_or(base::Bytes32{})), reason);
    case List::banned_events:
      return object("id", base::to_hex(read_bytes(item).value_or(base::Bytes32{})), reason);
    case List::blocked_addresses:
      return object("ip", base::cidr_text(read_network(item).value_or(base::IpNetwork{})), reason);
    case List::allowed_kinds:
    case List::disallowed_kinds:
      return fmt::format("{}", read_kind(item).value_or(0));
    case List::texts:
      break;
  }
  return "null";
}

}  // namespace extensions::management
