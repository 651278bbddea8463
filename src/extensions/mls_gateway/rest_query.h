#pragma once
// What a REST call says in its path and query, checked before anything is looked up. Pure.
#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nostr/event.h"
#include "relay/extension/http_api.h"

namespace extensions::mls_gateway {

/// The error of all of these is the answer: 400 with the remedy.
template <typename T>
using Asked = std::expected<T, relay::HttpResponse>;

[[nodiscard]] std::unexpected<relay::HttpResponse> bad_request(std::string_view text);

using Query = std::map<std::string, std::string, std::less<>>;

/// Decoded. Each name once, and none but `known`.
[[nodiscard]] Asked<Query> parse_query(std::string_view text,
                                       std::span<const std::string_view> known);

/// A plain decimal; nullopt when it is not there.
[[nodiscard]] Asked<std::optional<std::int64_t>> number_of(const Query& query,
                                                           std::string_view name);

inline constexpr std::size_t default_page = 100;
inline constexpr std::size_t max_page = 500;
struct PageAsked {
  std::size_t limit = default_page;     ///< 1 to max_page
  std::optional<std::string> cursor{};  ///< the bytes that page_cursor() was given
};
/// `limit` and `cursor`.
[[nodiscard]] Asked<PageAsked> page_of(const Query& query);
/// The same of a call that takes nothing else.
[[nodiscard]] Asked<PageAsked> parse_page(std::string_view query);
/// For a cursor of the right form that nobody can have been given.
[[nodiscard]] std::unexpected<relay::HttpResponse> bad_cursor();
/// Where a page ended, for clients to give back. Not a secret.
[[nodiscard]] std::string page_cursor(std::string_view position);

/// Hex or npub.
[[nodiscard]] Asked<nostr::PublicKey> key_of(std::string_view text);
[[nodiscard]] Asked<std::string> group_id_of(const std::string& segment);

}  // namespace extensions::mls_gateway
