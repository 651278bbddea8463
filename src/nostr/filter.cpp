#include "nostr/filter.h"

#include <algorithm>
#include <functional>

namespace nostr {
namespace {

template <typename T>
bool allows(const std::optional<std::vector<T>>& list, const T& value) {
  return !list || std::ranges::binary_search(*list, value);
}

bool has_tag(const Tags& tags, const TagFilter& wanted) {
  for (const Tag tag : tags) {
    if (tag.indexed_letter() == wanted.letter &&
        std::binary_search(wanted.values.begin(), wanted.values.end(), tag.value(), std::less<>()))
      return true;
  }
  return false;
}

}  // namespace

bool Filter::matches(const Event& event) const {
  EventWords words(event);
  return matches(event, words);
}

bool Filter::matches(const Event& event, EventWords& words) const {
  if (since && event.created_at < *since) return false;
  if (until && event.created_at > *until) return false;
  if (!allows(kinds, event.kind) || !allows(authors, event.pubkey) || !allows(ids, event.id))
    return false;
  return std::ranges::all_of(tags,
                             [&](const TagFilter& tag) { return has_tag(event.tags, tag); }) &&
         (!searches() || words.have_all(*search));
}

const std::vector<std::string>* Filter::tag(char letter) const {
  const auto found = std::ranges::find(tags, letter, &TagFilter::letter);
  return found == tags.end() ? nullptr : &found->values;
}

std::size_t Filter::value_count() const {
  std::size_t count =
      (ids ? ids->size() : 0) + (authors ? authors->size() : 0) + (kinds ? kinds->size() : 0);
  for (const TagFilter& tag : tags) count += tag.values.size();
  return count + (search ? search->size() : 0);
}

bool Filter::matches_nothing() const {
  const auto empty = [](const auto& list) { return list && list->empty(); };
  return empty(ids) || empty(authors) || empty(kinds) || (since && until && *since > *until) ||
         std::ranges::any_of(tags, [](const TagFilter& tag) { return tag.values.empty(); });
}

}  // namespace nostr
