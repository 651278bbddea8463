#include "nostr/kind_set.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace nostr {
namespace {

constexpr auto remedy =
    "kinds are numbers from 0 to 65535 and ranges of them, like \"1,7,30000-39999\"";

std::optional<Kind> parse_kind(std::string_view text) {
  Kind kind = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), kind);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(kind) : std::nullopt;
}

std::optional<std::pair<Kind, Kind>> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_kind(text.substr(0, dash));
  const auto last = dash == text.npos ? first : parse_kind(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair{*first, *last};
}

}  // namespace

std::expected<KindSet, std::string> KindSet::parse(std::string_view text) {
  constexpr std::string_view between = ", ";
  KindSet set;
  for (auto at = text.find_first_not_of(between); at != text.npos;
       at = text.find_first_not_of(between, at)) {
    const auto end = std::min(text.find_first_of(between, at), text.size());
    const auto range = parse_range(text.substr(at, end - at));
    if (!range) return std::unexpected(remedy);
    set.ranges_.push_back(*range);
    at = end;
  }
  if (set.empty()) return std::unexpected(remedy);
  return set;
}

bool KindSet::contains(Kind kind) const {
  return std::ranges::any_of(
      ranges_, [kind](const auto& range) { return range.first <= kind && kind <= range.second; });
}

void KindSet::add(const KindSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
}

}  // namespace nostr
