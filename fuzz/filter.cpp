// Any text as a filter: matching agrees with the plain reading of NIP-01.
#include "nostr/filter.h"

#include <algorithm>

#include "check.h"
#include "nostr/client_message.h"

using namespace nostr;

namespace {

template <typename List, typename Value>
bool holds(const List& list, const Value& value) {
  return std::ranges::any_of(list, [&](const auto& one) { return one == value; });
}

bool plainly_matches(const Filter& filter, const Event& event) {
  bool matches = (!filter.ids || holds(*filter.ids, event.id)) &&
                 (!filter.authors || holds(*filter.authors, event.pubkey)) &&
                 (!filter.kinds || holds(*filter.kinds, event.kind)) &&
                 (!filter.since || event.created_at >= *filter.since) &&
                 (!filter.until || event.created_at <= *filter.until);
  for (const TagFilter& wanted : filter.tags) {
    bool found = false;
    for (const Tag tag : event.tags)
      found = found || (tag.size() > 1 && tag[0] == std::string(1, wanted.letter) &&
                        holds(wanted.values, tag[1]));
    matches = matches && found;
  }
  // The sample events hold no words.
  return matches && (!filter.search || filter.search->empty());
}

std::vector<Event> sample_events(MessageParser& parser) {
  const std::string ones(64, '1');
  const std::string head = R"({"id":")" + ones + R"(","pubkey":")" + std::string(64, '2') +
                           R"(","sig":")" + std::string(128, '2') + R"(","content":"",)";
  std::vector<Event> events;
  for (const std::string& rest :
       {std::string(R"("created_at":0,"kind":0,"tags":[]})"),
        std::string(R"("created_at":1,"kind":1,"tags":[["h","s"],["e"],["t","",""],[]]})"),
        R"("created_at":9223372036854775807,"kind":65535,"tags":[["h","a"],["h","s"],["p",")" +
            ones + R"("]]})"}) {
    auto event = parser.parse_event(head + rest);
    check(event.has_value(), "the sample events are well shaped");
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MessageParser parser{base::Limits{}};
  static const std::vector<Event> events = sample_events(parser);
  const auto filter = parser.parse_filter({reinterpret_cast<const char*>(data), size});
  if (!filter) return 0;

  for (const TagFilter& tag : filter->tags) {
    check(std::ranges::is_sorted(tag.values), "tag values are sorted");
    check(filter->tag(tag.letter) == &tag.values, "one entry per letter");
  }
  check(!filter->search || filter->search->size() <= max_search_words, "searches are bounded");
  for (const Event& event : events) {
    const bool matches = filter->matches(event);
    check(matches == plainly_matches(*filter, event), "matching agrees with the plain reading");
    check(!matches || !filter->matches_nothing(), "a filter that matches nothing matches nothing");
  }
  return 0;
}
