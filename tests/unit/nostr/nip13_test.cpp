#include "nostr/nip13.h"

#include <gmock/gmock.h>

#include "event_text.h"

using testing::HasSubstr;
using testing::StartsWith;

namespace {

nostr::EventId id(std::string_view hex) { return *base::from_hex<nostr::EventId>(hex); }

std::string refusal(const nostr::Event& event, unsigned difficulty, bool committed) {
  const auto checked = nostr::check_work(event, difficulty, committed);
  return checked ? "accepted" : checked.error();
}

/// The example of NIP-13: 21 bits, committed to 20.
nostr::Event mined(const std::string& tags = R"([["nonce","776797","20"]])") {
  return test::event({.id = R"("000006d8c378af1779d2feebc7603a125d99eca0ccf1085959b307f64e5dd358")",
                      .tags = tags});
}

}  // namespace

TEST(ProofOfWork, DifficultyCountsLeadingZeroBits) {
  EXPECT_EQ(
      nostr::difficulty_of(id("000000000e9d97a1ab09fc381030b346cdd7a142ad57e6df0b46dc9bef6c7e2d")),
      36u);
  EXPECT_EQ(nostr::difficulty_of(id("002f" + std::string(60, '0'))), 10u);
  EXPECT_EQ(nostr::difficulty_of(id("8" + std::string(63, '0'))), 0u);
  EXPECT_EQ(nostr::difficulty_of(id(std::string(64, '0'))), 256u);
}

TEST(ProofOfWork, TooLittleIsRefusedWithBothNumbers) {
  EXPECT_EQ(refusal(mined(), 21, false), "accepted");
  EXPECT_THAT(refusal(mined(), 22, false), StartsWith("pow: difficulty 21 is less than 22"));
  EXPECT_EQ(refusal(test::event(test::EventText{}), 0, true), "accepted") << "none is asked for";
}

TEST(ProofOfWork, ACommitmentMustBeAsHighAsWhatIsAskedFor) {
  EXPECT_EQ(refusal(mined(), 20, true), "accepted");
  EXPECT_THAT(refusal(mined(), 21, true), HasSubstr("commit to a target of 21"));
  for (const auto* tags :
       {"[]", R"([["nonce","1"]])", R"([["nonce","1","20x"]])", R"([["nonce","1","-20"]])",
        R"([["nonce","1","99999999999"]])", R"([["nonce","1","1"],["nonce","1","20"]])"})
    EXPECT_THAT(refusal(mined(tags), 20, true), StartsWith("pow: ")) << tags;
}
