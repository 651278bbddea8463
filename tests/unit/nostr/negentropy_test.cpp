#include "nostr/negentropy.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/sha.h>

#include <algorithm>
#include <random>
#include <set>

#include "unit/nostr/negentropy_vectors.h"

namespace {

using namespace nostr::negentropy;
using nostr::EventId;
using testing::IsEmpty;

constexpr std::size_t wide = 1 << 20;

template <typename T>
bool holds(const std::vector<T>& list, const T& value) {
  return std::ranges::find(list, value) != list.end();
}

Item item(int number) {
  Item made{.created_at = 1'700'000'000 + number / 4, .id = {}};
  const std::string text = std::to_string(number);
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), made.id.bytes.data());
  return made;
}

std::vector<Item> items_of(const vectors::Numbers& numbers) {
  std::vector<Item> items;
  for (int n = numbers.first; n < numbers.end; ++n)
    if (!holds(numbers.missing, n)) items.push_back(item(n));
  return items;
}

Bytes from_hex(std::string_view hex) {
  Bytes bytes(hex.size() / 2);
  EXPECT_TRUE(base::decode_hex(hex, bytes)) << hex;
  return bytes;
}

std::string to_hex(const Bytes& bytes) {
  return base::to_hex(std::span<const std::uint8_t>(bytes));
}

/// A message as text, whatever zeros are behind its bounds.
std::string spelled(const Bytes& message) {
  std::string text = fmt::format("{:02x}", message.front());
  const std::span<const std::uint8_t> bytes(message);
  RangeReader reader(bytes.subspan(1));
  while (!reader.done()) {
    const auto range = reader.next();
    if (!range) return text + " " + std::string(describe(range.error()));
    text += fmt::format("\n{} {} mode {} {} {}", range->end.time, base::to_hex(range->end.id),
                        static_cast<int>(range->mode), base::to_hex(range->fingerprint),
                        base::to_hex(range->ids));
  }
  return text;
}

struct Outcome {
  std::set<EventId> have, need;
  int rounds = 0;
  std::size_t longest = 0;
};

/// Both roles until the initiator has nothing more to ask.
Outcome reconcile(const Items& here, const Items& there, std::size_t max_bytes) {
  Difference difference;
  Outcome outcome;
  std::optional<Bytes> next = initiate(here);
  while (next && outcome.rounds < 1000) {
    ++outcome.rounds;
    const auto answer = respond(there, *next, max_bytes);
    EXPECT_TRUE(answer.has_value());
    outcome.longest = std::max({outcome.longest, next->size(), answer->size()});
    auto resumed = resume(here, *answer, max_bytes, difference);
    EXPECT_TRUE(resumed.has_value());
    next = *std::move(resumed);
  }
  EXPECT_FALSE(next) << "it never ended";
  outcome.have = {difference.have.begin(), difference.have.end()};
  outcome.need = {difference.need.begin(), difference.need.end()};
  EXPECT_EQ(outcome.have.size(), difference.have.size()) << "named twice";
  EXPECT_EQ(outcome.need.size(), difference.need.size()) << "named twice";
  return outcome;
}

std::set<EventId> only_in(const std::vector<Item>& these, const std::vector<Item>& others) {
  std::set<EventId> ids;
  for (const Item& one : these)
    if (!holds(others, one)) ids.insert(one.id);
  return ids;
}

TEST(Negentropy, SpeaksAsOtherImplementationsDo) {
  for (const auto& exchange : vectors::negentropy_exchanges) {
    const Items here(items_of(exchange.here)), there(items_of(exchange.there));
    Difference difference;
    std::optional<Bytes> next = initiate(here);
    for (std::size_t i = 0; i + 1 < exchange.messages.size(); i += 2) {
      ASSERT_TRUE(next) << exchange.name;
      EXPECT_EQ(to_hex(*next), exchange.messages[i]) << exchange.name;
      const auto answer = respond(there, *next, wide);
      ASSERT_TRUE(answer) << exchange.name;
      const Bytes recorded = from_hex(exchange.messages[i + 1]);
      EXPECT_EQ(spelled(*answer), spelled(recorded)) << exchange.name;
      auto resumed = resume(here, recorded, wide, difference);
      ASSERT_TRUE(resumed) << exchange.name;
      next = *std::move(resumed);
    }
    EXPECT_FALSE(next) << exchange.name;
    EXPECT_EQ((std::set<EventId>(difference.have.begin(), difference.have.end())),
              only_in(items_of(exchange.here), items_of(exchange.there)));
    EXPECT_EQ((std::set<EventId>(difference.need.begin(), difference.need.end())),
              only_in(items_of(exchange.there), items_of(exchange.here)));
  }
}

TEST(Negentropy, FindsTheDifferenceOfAnyTwoSetsExactly) {
  std::mt19937 random(77);
  for (int round = 0; round < 120; ++round) {
    const int events = std::uniform_int_distribution(0, round % 10 == 0 ? 5000 : 400)(random);
    const int seconds = std::uniform_int_distribution(1, 200)(random);
    const double shared = std::uniform_real_distribution(0.0, 1.0)(random);
    std::vector<Item> here, there;
    for (int n = 0; n < events; ++n) {
      Item made = item(n);
      made.created_at = 1'700'000'000 + static_cast<int>(random() % static_cast<unsigned>(seconds));
      const double where = std::uniform_real_distribution(0.0, 1.0)(random);
      if (where < shared || where < (1 + shared) / 2) here.push_back(made);
      if (where < shared || where >= (1 + shared) / 2) there.push_back(made);
    }
    const std::size_t max_bytes = round % 3 == 0 ? least_max_bytes : wide;
    const Outcome outcome = reconcile(Items(here), Items(there), max_bytes);
    const auto missing = [](const std::vector<Item>& these, const std::vector<Item>& others) {
      std::set<EventId> left;
      for (const Item& one : these) left.insert(one.id);
      for (const Item& one : others) left.erase(one.id);
      return left;
    };
    EXPECT_EQ(outcome.have, missing(here, there)) << "round " << round;
    EXPECT_EQ(outcome.need, missing(there, here)) << "round " << round;
    EXPECT_LE(outcome.longest, max_bytes) << "round " << round;
  }
}

TEST(Negentropy, AMessageKeepsToItsLimitAndTheRestComesLater) {
  std::vector<Item> there;
  for (int n = 0; n < 3000; ++n) there.push_back(item(n));
  const Outcome outcome = reconcile(Items(), Items(there), least_max_bytes);
  EXPECT_EQ(outcome.need.size(), there.size());
  EXPECT_LE(outcome.longest, least_max_bytes);
  EXPECT_GT(outcome.rounds, 3000 * 32 / static_cast<int>(least_max_bytes));
}

TEST(Negentropy, EventsOfOneSecondAreToldApartByTheirIds) {
  std::vector<Item> here, there;
  for (int n = 0; n < 500; ++n) {
    Item one = item(n);
    one.created_at = 0;
    if (n != 123) here.push_back(one);
    if (n != 321) there.push_back(one);
  }
  const Outcome outcome = reconcile(Items(here), Items(there), wide);
  EXPECT_EQ(outcome.have, (std::set<EventId>{item(321).id}));
  EXPECT_EQ(outcome.need, (std::set<EventId>{item(123).id}));
}

TEST(Negentropy, AnotherVersionIsAnsweredWithTheHighestKnown) {
  for (const std::uint8_t version : {0x00, 0x60, 0x62, 0x6f, 0xff})
    EXPECT_EQ(respond(Items(), Bytes{version, 1, 2, 3}, wide), (Bytes{0x61}));
}

TEST(Negentropy, AnAnswerInAnotherVersionEndsIt) {
  Difference difference;
  EXPECT_EQ(resume(Items(), Bytes{0x62}, wide, difference).error(), Error::unsupported_version);
}

TEST(Negentropy, MessagesThatAreNoneAreErrors) {
  const Items items(items_of({0, 50}));
  const std::vector<std::pair<std::string_view, Error>> messages = {
      {"", Error::truncated},
      {"6100", Error::truncated},                           // no length of the id
      {"610000", Error::truncated},                         // no mode
      {"610005aabb", Error::truncated},                     // an id of five bytes
      {"61000001aabb", Error::truncated},                   // a fingerprint of two bytes
      {"6100000201", Error::truncated},                     // one id, which is not there
      {"6100000282ffffffffffffffff7f", Error::bad_number},  // two to the 64th ids
      {"61000002ffffffffffffffff7f", Error::truncated},     // as many as a number holds
      {"6100800000", Error::bad_number},                    // a digit too many
      {"61000003", Error::unknown_mode},
      {"610021"
       "00000000000000000000000000000000000000000000000000000000000000000000",
       Error::bad_bound},  // an id of 33 bytes
      {"61000000"
       "000000",
       Error::bad_bound},  // behind the end
      {"610501bb00"
       "0101aa00",
       Error::bad_bound},  // descends
      {"6181ffffffffffffffff7f0000"
       "810000",
       Error::bad_bound},  // the infinite time, by addition
  };
  for (const auto& [hex, error] : messages) {
    const Bytes message = from_hex(hex);
    const auto answer = respond(items, message, wide);
    ASSERT_FALSE(answer.has_value()) << hex;
    EXPECT_EQ(answer.error(), error) << hex << ": " << describe(answer.error());
    Difference difference;
    EXPECT_FALSE(resume(items, message, wide, difference).has_value()) << hex;
  }
}

TEST(Negentropy, WhatIsNotSaidIsSkipped) {
  const Items items(items_of({0, 50}));
  EXPECT_EQ(respond(items, Bytes{0x61}, wide), (Bytes{0x61}));
  Difference difference;
  EXPECT_EQ(resume(items, Bytes{0x61}, wide, difference), std::nullopt);
  EXPECT_THAT(difference.have, IsEmpty());
}

TEST(Items, FingerprintsOfRangesAreThoseOfTheirItemsAlone) {
  const auto all = items_of({0, 1000});
  const Items items(all);
  for (const auto& [begin, end] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {0, 1}, {0, 64}, {63, 65}, {64, 128}, {1, 1000}, {999, 1000}, {130, 640}}) {
    std::vector<Item> some;
    for (std::size_t i = begin; i < end; ++i) some.push_back(items[i]);
    EXPECT_EQ(items.fingerprint(begin, end), Items(some).fingerprint(0, end - begin));
  }
}

TEST(Items, SumsCarryAndWrapAround) {
  EventId most;
  most.bytes.fill(0xff);
  EventId one;
  one.bytes[0] = 1;
  const Items wrapped({{1, most}, {2, one}});             // 2^256 - 1 + 1
  const Items nothing({{1, EventId{}}, {2, EventId{}}});  // 0 + 0
  EXPECT_EQ(wrapped.fingerprint(0, 2), nothing.fingerprint(0, 2));
  EXPECT_NE(wrapped.fingerprint(0, 1), nothing.fingerprint(0, 1));
}

TEST(Items, WhatIsThereTwiceCountsOnce) {
  EXPECT_EQ(Items({item(2), item(1), item(2)}).size(), 2u);
}

}  // namespace
