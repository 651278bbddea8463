#include "extensions/mls_gateway/rest_key_packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "extensions/mls_gateway/hand_out.h"
#include "extensions/mls_gateway/key_package_check.h"
#include "extensions/mls_gateway/rest_body.h"
#include "extensions/mls_gateway/rest_groups.h"
#include "extensions/mls_gateway/rest_json.h"
#include "extensions/mls_gateway/rest_messages.h"
#include "extensions/mls_gateway/rest_query.h"
#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/worth_doing.h"
#include "mls/cipher_suite.h"
#include "nostr/kinds.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

/// `kpr` in gateway dialect, `i` in Marmot's; "null" without one, or where it is longer than any.
std::string reference_of(const nostr::Event& event) {
  for (const std::string_view name : {"kpr", "i"}) {
    const auto value = event.tags.first(name);
    if (value && value->size() <= max_key_reference_bytes) return quoted(*value);
  }
  return "null";
}

std::string suite_of(const nostr::Event& event) {
  const auto announced = announced_suite(event);
  const auto suite = announced ? mls::parse_cipher_suite(*announced) : std::nullopt;
  const auto name = suite ? mls::name_of(*suite) : std::nullopt;
  return name ? quoted(*name) : "null";
}

std::string json_of(const nostr::Event& event, const PooledPackage& package) {
  return fmt::format(R"({{"owner":"{}","key_reference":{},"ciphersuite":{},"expires_at":{}}})",
                     base::to_hex(event.pubkey), reference_of(event), suite_of(event),
                     package.expires_at == 0 ? "null" : quoted_time(package.expires_at));
}

/// What is both visible and live in the pool, which knows when it ends.
std::string json_of(const relay::ReadPage& page, const Pool& pool, base::UnixSeconds now) {
  std::string body = R"({"keypackages":[)";
  for (const auto& event : page.events) {
    const auto pooled = std::ranges::find(pool, event->id, &PooledPackage::event);
    if (pooled == pool.end() || !pooled->live(now)) continue;
    if (body.back() != '[') body += ',';
    body += json_of(*event, *pooled);
  }
  return body.append("],").append(page_end(cursor_behind(page))).append("}");
}

struct PackagesAsked {
  nostr::PublicKey owner;
  relay::ReadRequest wanted;
};
Asked<PackagesAsked> parse_packages(std::string_view text) {
  constexpr std::array<std::string_view, 3> known{"owner", "limit", "cursor"};
  const auto query = parse_query(text, known);
  if (!query) return std::unexpected(query.error());
  const auto named = query->find("owner");
  if (named == query->end()) return bad_request("owner is needed: a key, hex or npub");
  const auto owner = key_of(named->second);
  if (!owner) return std::unexpected(owner.error());
  const auto page = page_of(*query);
  if (!page) return std::unexpected(page.error());
  const auto after = position_of(*page);
  if (!after) return std::unexpected(after.error());
  nostr::Filter filter;
  filter.authors = {*owner};
  filter.kinds = {nostr::kind::key_package, nostr::kind::addressable_key_package};
  return PackagesAsked{*owner, {{std::move(filter)}, *after, page->limit}};
}

Asked<nostr::PublicKey> parse_owner(std::string_view body) {
  const auto named = text_in_body(body, "owner");
  if (!named) return std::unexpected(named.error());
  if (!*named) return bad_request("the body names the owner: {\"owner\":\"…\"}");
  return key_of(**named);
}

relay::HttpResponse nothing_to_give() {
  return relay::http_error(404, "no_keypackage",
                           "this owner has no key package for a single use here; packages that are "
                           "reused (kind 30443) are read by REQ");
}

}  // namespace

RestAnswer list_key_packages(const RestParts& parts, const relay::HttpRequest& request,
                             const Caller& caller) {
  if (caller.is_operator()) co_return needs_viewer();
  auto asked = parse_packages(request.query);
  if (!asked) co_return asked.error();
  const auto page = co_await caller.visit->read(std::move(asked->wanted));
  if (!page) co_return relay::http_refusal(page.error());
  std::vector<std::string> keys{pool_key(asked->owner)};
  const auto rows = co_await parts.rows.get_rows(std::move(keys));
  if (!rows) co_return cannot_look_up();
  const auto pool = rows->front() ? decode_pool(*rows->front()) : std::nullopt;
  co_return json_answer(json_of(*page, pool.value_or(Pool{}), parts.visits.now()));
}

RestAnswer claim_key_package(const RestParts& parts, const relay::HttpRequest& request,
                             const Caller& caller) {
  if (caller.is_operator()) co_return needs_viewer();
  if (const auto query = parse_query(request.query, {}); !query) co_return query.error();
  const auto owner = parse_owner(request.body);
  if (!owner) co_return owner.error();
  if (*owner == caller.visit->key())
    co_return bad_request("these packages are your own, for others to claim").error();
  if (!parts.may_give(*owner)) co_return nothing_to_give();
  std::vector<nostr::PublicKey> owners{*owner};
  const auto order = std::make_shared<HandOut>(caller.visit->key(), std::move(owners));
  const auto worth = co_await is_worth_doing(parts.rows, *order, parts.visits.now());
  if (!worth) co_return relay::http_refusal(worth.error());
  if (!*worth) co_return nothing_to_give();
  const auto given = co_await parts.operations.perform(order);
  if (!given) co_return relay::http_refusal(given.error());
  if (given->empty() || !parts.may_give(*owner)) co_return nothing_to_give();
  co_return json_answer(given->front().event->json);
}

}  // namespace extensions::mls_gateway
