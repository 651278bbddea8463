#include "contract/random_events.h"

#include <cstdlib>

namespace test {
namespace {

constexpr std::uint64_t author_count = 4;
constexpr unsigned kinds[] = {0, 1, 1, 1, 3, 5, 5, 62, 445, 1059, 10002, 20001, 30023, 30023};
constexpr const char* words[] = {"", "a", "b", "c"};
constexpr char letters[] = {'t', 'T', 'd', 'p', 'e'};

EventBuilder& add_deletion_tags(EventBuilder& event, RandomEvents& random, std::uint64_t author) {
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    event.tag({"e", hex(1 + random.below(RandomEvents::id_count))});
  }
  for (std::uint64_t n = random.below(3); n > 0; --n) {
    const unsigned kind = random.once_in(2) ? 30023 : random.once_in(2) ? 0 : 10002;
    const std::string d = kind == 30023 ? words[random.below(4)] : "";
    const std::uint64_t owner = random.once_in(5) ? random.below(author_count) : author;
    event.tag({"a", fmt::format("{}:{}:{}", kind, hex(owner), d)});
  }
  return event;
}

}  // namespace

std::uint64_t seed_from_environment() {
  const char* seed = std::getenv("GATEWAY_SEED");
  return seed ? std::strtoull(seed, nullptr, 10) : std::random_device()();
}

EventBuilder RandomEvents::event_of(std::uint64_t id) {
  RandomEvents random(id);
  const std::uint64_t author = random.below(author_count);
  auto event = EventBuilder(id).by(author).kind(kinds[random.below(std::size(kinds))]);
  event.at(static_cast<std::int64_t>(random.below(30)));
  if (event.kind_number() == 5) return add_deletion_tags(event, random, author);
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    const char letter = letters[random.below(std::size(letters))];
    event.tag({std::string(1, letter),
               letter == 'p' ? hex(random.below(author_count)) : words[random.below(4)]});
  }
  return event;
}

EventBuilder RandomEvents::event() { return event_of(1 + below(id_count)); }

FilterBuilder RandomEvents::filter() {
  FilterBuilder filter;
  const auto some = [this](std::uint64_t count, std::uint64_t bound) {
    Ids numbers;
    for (std::uint64_t n = below(count + 1); n > 0; --n) numbers.push_back(below(bound));
    return numbers;
  };
  if (once_in(5)) filter.ids(some(60, id_count));
  if (once_in(2)) filter.authors(some(3, author_count));
  if (once_in(2)) {
    std::vector<nostr::Kind> list;
    for (std::uint64_t n = below(4); n > 0; --n) {
      list.push_back(static_cast<nostr::Kind>(kinds[below(std::size(kinds))]));
    }
    filter.kinds(std::move(list));
  }
  for (const char letter : letters) {
    if (!once_in(5)) continue;
    std::vector<std::string> values;
    for (const auto n : some(3, 4)) values.push_back(letter == 'p' ? hex(n) : words[n]);
    filter.tag(letter, std::move(values));
  }
  if (once_in(4)) filter.since(static_cast<std::int64_t>(below(32)) - 1);
  if (once_in(4)) filter.until(static_cast<std::int64_t>(below(32)) - 1);
  return filter;
}

Reading RandomEvents::reading(store::Seq last) {
  Reading reading;
  if (once_in(2)) reading.max_events = 1 + below(9);
  if (once_in(2)) reading.max_scanned = 1 + below(20);
  if (once_in(3)) reading.up_to = below(last + 2);
  if (once_in(2)) reading.now = static_cast<base::UnixSeconds>(below(60));
  reading.oldest_first = once_in(3);
  return reading;
}

}  // namespace test
