#include "extensions/mls_gateway/rest_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/percent.h"
#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/text.h"
#include "nostr/nip19.h"

namespace extensions::mls_gateway {
namespace {

constexpr std::size_t max_cursor_bytes = 256;

std::optional<std::string> bytes_of(std::string_view hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  if (hex.size() > 2 * max_cursor_bytes || !base::decode_hex(hex, bytes)) return std::nullopt;
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace

std::unexpected<relay::HttpResponse> bad_request(std::string_view text) {
  return std::unexpected(relay::http_error(400, "bad_request", text));
}

Asked<Query> parse_query(std::string_view text, std::span<const std::string_view> known) {
  Query query;
  while (!text.empty()) {
    const auto field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), field.size() + 1));
    const auto equals = field.find('=');
    const auto name = field.substr(0, equals);
    if (std::ranges::find(known, name) == known.end() || equals == field.npos)
      return bad_request(known.empty() ? std::string("this call takes no parameters")
                                       : fmt::format("the parameters of this call are: {}",
                                                     fmt::join(known, ", ")));
    auto value = base::percent_decoded(field.substr(equals + 1));
    if (!value) return bad_request("a '%' in the query is not followed by two hex digits");
    if (!query.try_emplace(std::string(name), *std::move(value)).second)
      return bad_request(fmt::format("{} is there twice", name));
  }
  return query;
}

Asked<std::optional<std::int64_t>> number_of(const Query& query, std::string_view name) {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  const auto number = decimal(found->second);
  if (!number) return bad_request(fmt::format("{} is a plain decimal number", name));
  return number;
}

Asked<PageAsked> page_of(const Query& query) {
  PageAsked asked;
  const auto limit = number_of(query, "limit");
  if (!limit) return std::unexpected(limit.error());
  const auto wanted = limit->value_or(default_page);
  if (wanted < 1 || wanted > static_cast<std::int64_t>(max_page))
    return bad_request(fmt::format("limit is 1 to {}", max_page));
  asked.limit = static_cast<std::size_t>(wanted);
  const auto cursor = query.find("cursor");
  if (cursor == query.end()) return asked;
  asked.cursor = bytes_of(cursor->second);
  if (!asked.cursor || asked.cursor->empty()) return bad_cursor();
  return asked;
}

Asked<PageAsked> parse_page(std::string_view query) {
  constexpr std::array<std::string_view, 2> known{"limit", "cursor"};
  const auto parsed = parse_query(query, known);
  if (!parsed) return std::unexpected(parsed.error());
  return page_of(*parsed);
}

std::unexpected<relay::HttpResponse> bad_cursor() {
  return bad_request("cursor is what an answer to the same call gave; leave it out to begin");
}

std::string page_cursor(std::string_view position) {
  return base::to_hex(
      std::span(reinterpret_cast<const std::uint8_t*>(position.data()), position.size()));
}

Asked<nostr::PublicKey> key_of(std::string_view text) {
  const auto key = nostr::parse_public_key(text);
  if (!key) return bad_request(key.error());
  return *key;
}

Asked<std::string> group_id_of(const std::string& segment) {
  if (segment.size() > max_group_id_bytes || has_control_characters(segment))
    return bad_request("a group id has 1 to 128 bytes and no control characters");
  return segment;
}

}  // namespace extensions::mls_gateway
