#include "nostr/deletion.h"

#include <gmock/gmock.h>

#include "event_text.h"

using namespace nostr;
using testing::ElementsAre;

namespace {

const std::string a64(64, 'a'), b64(64, 'b'), c64(64, 'c');

Event gift_wrap() {
  return test::event({.pubkey = '"' + c64 + '"',
                      .kind = "1059",
                      .tags = R"([["p",")" + a64 + R"("],["p","x"],["p",")" + b64 + R"("]])"});
}

}  // namespace

TEST(Deletion, NamesIdsAndTheSignersOwnAddresses) {
  const auto request = deletion_request(test::event(
      {.kind = "5",
       .tags = R"([["e",")" + b64 + R"("],["e","short"],["e"],["k","1"],[],["a","30023:)" + a64 +
               R"(:d:x"],)" + R"(["a","30023:)" + b64 + R"(:d"],["a","1:)" + a64 +
               R"(:"],["a","0:)" + a64 + R"(:"]])"}));
  EXPECT_THAT(request.ids, ElementsAre(test::key('b')));
  EXPECT_THAT(request.addresses,
              ElementsAre(Address{30023, test::key('a'), "d:x"}, Address{0, test::key('a'), ""}));
}

TEST(Deletion, IsForTheAuthorOnly) {
  const auto note = test::event({.tags = R"([["p",")" + b64 + R"("]])"});
  EXPECT_TRUE(may_delete(test::key('a'), note));
  EXPECT_FALSE(may_delete(test::key('b'), note));
  EXPECT_THAT(possible_deleters(note), ElementsAre(test::key('a')));
}

TEST(Deletion, OfAGiftWrapIsForItsRecipientsToo) {
  const auto wrap = gift_wrap();
  for (const char digit : {'a', 'b', 'c'}) EXPECT_TRUE(may_delete(test::key(digit), wrap));
  EXPECT_FALSE(may_delete(test::key('d'), wrap));
  EXPECT_THAT(possible_deleters(wrap), ElementsAre(test::key('c'), test::key('a'), test::key('b')));
}

TEST(Deletion, OfADeletionIsForNobody) {
  EXPECT_FALSE(may_delete(test::key('a'), test::event({.kind = "5"})));
}

TEST(Deletion, OfARequestToVanishIsForNobody) {
  EXPECT_FALSE(may_delete(test::key('a'), test::event({.kind = "62"})));
}
