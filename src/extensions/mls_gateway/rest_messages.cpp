#include "extensions/mls_gateway/rest_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "extensions/mls_gateway/rest_groups.h"
#include "extensions/mls_gateway/rest_json.h"
#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

// Gift wraps are dated back by up to two days (NIP-59).
constexpr base::UnixSeconds wrap_back_dating_s = 2 * 86'400;
// Clocks of clients differ by so much; what one says now may come behind what was read.
constexpr base::UnixSeconds clocks_differ_s = 120;
// Where groups are named the store meets no message of others. As many as Memberships loads: some 20 ms of a reader's time.
// Above it all group messages are read, and the read decision picks.
constexpr std::size_t max_groups_named = 10'000;

/// The groups of `key`; nullopt: too many to name, or a sidecar alone knows.
boost::asio::awaitable<std::expected<std::optional<std::vector<std::string>>, store::StoreError>>
groups_to_name(const RestParts& parts, const nostr::PublicKey& key) {
  std::optional<std::vector<std::string>> groups;
  if (parts.acl) co_return groups;
  const auto page =
      co_await parts.rows.scan_rows(membership_prefix(key), std::nullopt, max_groups_named);
  if (!page) co_return std::unexpected(page.error());
  if (page->next) co_return groups;
  groups.emplace();
  for (const store::Row& row : page->rows) {
    if (const auto parsed = parse_membership_key(row.key)) groups->emplace_back(parsed->second);
  }
  std::ranges::sort(*groups);
  co_return groups;
}

std::vector<nostr::Filter> filters_for(const nostr::PublicKey& viewer, base::UnixSeconds since,
                                       const std::optional<std::vector<std::string>>& groups) {
  const auto recipient = base::to_hex(viewer);
  std::vector<nostr::Filter> filters(3);
  filters[0].kinds = {nostr::kind::noise_dm};
  filters[0].tags = {{'p', {recipient}}};
  filters[0].since = since;
  filters[1].kinds = {nostr::kind::gift_wrap};
  filters[1].tags = {{'p', {recipient}}};
  filters[1].since = std::max<base::UnixSeconds>(0, since - wrap_back_dating_s);
  filters[2].kinds = {nostr::kind::group_message};
  if (groups) filters[2].tags = {{'h', *groups}};
  filters[2].since = since;
  return filters;
}

struct Place {
  base::UnixSeconds since;
  base::UnixSeconds begun;  ///< when the first page was asked for
  std::optional<relay::ReadPosition> after;
  std::size_t limit;
};

void put(std::string& bytes, base::UnixSeconds time) {
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(static_cast<std::uint64_t>(time) >> shift);
}

base::UnixSeconds take_time(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes.substr(0, 8)) value = value << 8 | static_cast<std::uint8_t>(byte);
  bytes.remove_prefix(8);
  return static_cast<base::UnixSeconds>(value);
}

std::string bytes_of(const relay::ReadPosition& position) {
  std::string bytes;
  put(bytes, position.created_at);
  return bytes.append(position.id.view());
}

relay::ReadPosition take_position(std::string_view& bytes) {
  relay::ReadPosition position{.created_at = take_time(bytes)};
  std::ranges::copy(bytes.substr(0, 32), position.id.bytes.begin());
  return position;
}

/// Clients give cursors back as they like: numbers that would overflow, too.
bool can_be_ours(const Place& place, base::UnixSeconds now) {
  return place.since >= 0 && place.begun >= 0 && place.begun <= now + clocks_differ_s &&
         place.after->created_at >= 0;
}

Asked<Place> parse_place(std::string_view text, base::UnixSeconds now) {
  constexpr std::array<std::string_view, 3> known{"since", "cursor", "limit"};
  const auto query = parse_query(text, known);
  if (!query) return std::unexpected(query.error());
  const auto since = number_of(*query, "since");
  if (!since) return std::unexpected(since.error());
  const auto page = page_of(*query);
  if (!page) return std::unexpected(page.error());
  if (!page->cursor) return Place{since->value_or(0), now, std::nullopt, page->limit};
  std::string_view bytes = *page->cursor;
  constexpr std::size_t size = 8 + 8 + 8 + 32;
  if (bytes.size() != size) return bad_cursor();
  Place place{.since = take_time(bytes),
              .begun = take_time(bytes),
              .after = take_position(bytes),
              .limit = page->limit};
  if (!can_be_ours(place, now)) return bad_cursor();
  if (*since && **since != place.since)
    return bad_request("cursor goes on with another since; give that one, or none");
  return place;
}

std::string json_of(const relay::ReadPage& page, const Place& place) {
  std::string body = R"({"messages":[)";
  for (const auto& event : page.events) {
    if (body.back() != '[') body += ',';
    body += event->json;
  }
  std::optional<std::string> cursor;
  if (page.next) {
    std::string bytes;
    put(bytes, place.since);
    put(bytes, place.begun);
    cursor = page_cursor(bytes + bytes_of(*page.next));
  }
  const auto next = std::max<base::UnixSeconds>(0, place.begun - clocks_differ_s);
  return body.append(fmt::format(R"(],{},"next_since":{}}})", page_end(cursor), next));
}

}  // namespace

Asked<std::optional<relay::ReadPosition>> position_of(const PageAsked& asked) {
  if (!asked.cursor) return std::nullopt;
  std::string_view bytes = *asked.cursor;
  if (bytes.size() != 8 + 32) return bad_cursor();
  const auto position = take_position(bytes);
  if (position.created_at < 0) return bad_cursor();
  return position;
}

std::optional<std::string> cursor_behind(const relay::ReadPage& page) {
  return page.next ? std::optional(page_cursor(bytes_of(*page.next))) : std::nullopt;
}

RestAnswer list_missed(const RestParts& parts, const relay::HttpRequest& request,
                       const Caller& caller) {
  if (caller.is_operator()) co_return needs_viewer();
  const auto place = parse_place(request.query, parts.visits.now());
  if (!place) co_return place.error();
  const auto key = caller.visit->key();
  const auto groups = co_await groups_to_name(parts, key);
  if (!groups) co_return cannot_look_up();
  relay::ReadRequest wanted{.filters = filters_for(key, place->since, *groups),
                            .after = place->after,
                            .max_events = place->limit};
  const auto page = co_await caller.visit->read(std::move(wanted));
  if (!page) co_return relay::http_refusal(page.error());
  co_return json_answer(json_of(*page, *place));
}

}  // namespace extensions::mls_gateway
