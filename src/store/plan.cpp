#include "store/plan.h"

#include <algorithm>

namespace store {
namespace {

/// Each range costs a cursor and a search; beyond this many it is cheaper to read an author's other
/// kinds too.
constexpr std::size_t max_author_kind_ranges = 1000;

/// Ids, keys and addresses name one thing. A short value ("bitcoin", the `d` of everybody's
/// settings) is a word that many authors use.
bool is_word(const nostr::TagFilter& tag) {
  return std::ranges::any_of(tag.values,
                             [](const std::string& value) { return value.size() < 32; });
}

/// The tag with the fewest values; words count only where no authors narrow the search better.
const nostr::TagFilter* best_tag(const nostr::Filter& filter) {
  const nostr::TagFilter* best = nullptr;
  for (const nostr::TagFilter& tag : filter.tags) {
    if (filter.authors && is_word(tag)) continue;
    if (!best || tag.values.size() < best->values.size()) best = &tag;
  }
  return best;
}

Plan by_tag(const nostr::TagFilter& tag, Sha256& sha256) {
  Plan plan{.index = Index::tag, .prefixes = {}};
  for (const std::string& value : tag.values) {
    plan.prefixes.push_back(tag_prefix(tag.letter, value, sha256));
  }
  return plan;
}

Plan by_author(const std::vector<nostr::PublicKey>& authors) {
  Plan plan{.index = Index::author, .prefixes = {}};
  for (const nostr::PublicKey& author : authors) plan.prefixes.push_back(author_prefix(author));
  return plan;
}

Plan by_author_kind(const std::vector<nostr::PublicKey>& authors,
                    const std::vector<nostr::Kind>& kinds) {
  Plan plan{.index = Index::author_kind, .prefixes = {}};
  for (const nostr::PublicKey& author : authors) {
    for (const nostr::Kind kind : kinds) plan.prefixes.push_back(author_kind_prefix(author, kind));
  }
  return plan;
}

Plan by_kind(const std::vector<nostr::Kind>& kinds) {
  Plan plan{.index = Index::kind, .prefixes = {}};
  for (const nostr::Kind kind : kinds) plan.prefixes.push_back(kind_prefix(kind));
  return plan;
}

}  // namespace

Plan choose_plan(const nostr::Filter& filter, Sha256& sha256) {
  if (const auto* tag = best_tag(filter)) return by_tag(*tag, sha256);
  const auto& authors = filter.authors;
  const auto& kinds = filter.kinds;
  if (authors && kinds && authors->size() * kinds->size() <= max_author_kind_ranges) {
    return by_author_kind(*authors, *kinds);
  }
  if (authors) return by_author(*authors);
  if (kinds) return by_kind(*kinds);
  return {.index = Index::time, .prefixes = {Key()}};
}

}  // namespace store
