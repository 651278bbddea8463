#include "nostr/nip19.h"

#include <gmock/gmock.h>

#include "vectors.h"

using nostr::parse_public_key;
using testing::HasSubstr;
using testing::Not;

TEST(PublicKey, IsReadFromHexAndNpub) {
  const auto hex = parse_public_key(vectors::author_hex);
  ASSERT_TRUE(hex);
  EXPECT_EQ(base::to_hex(*hex), vectors::author_hex);
  EXPECT_EQ(parse_public_key(vectors::author_npub), hex);
}

TEST(PublicKey, IsWrittenAsTheNpubItIsReadFrom) {
  EXPECT_EQ(nostr::npub(*parse_public_key(vectors::author_hex)), vectors::author_npub);
}

TEST(PublicKey, NpubWithAnyWrongLetterIsRefused) {
  for (std::size_t i = 5; i < vectors::author_npub.size(); ++i) {
    std::string npub(vectors::author_npub);
    npub[i] = npub[i] == 'q' ? 'p' : 'q';
    EXPECT_FALSE(parse_public_key(npub)) << i;
  }
}

TEST(PublicKey, OtherTextsAreRefusedWithTheRemedy) {
  for (const std::string& bad :
       {std::string(), std::string("abc"), std::string(64, 'A'), std::string(63, 'a'),
        std::string("note1qqq"), "nostr:" + std::string(vectors::author_npub)})
    EXPECT_THAT(parse_public_key(bad).error(), HasSubstr("write it as npub1")) << bad;
  for (const std::string& bad :
       {std::string("npub1"), std::string("npub1qqqqqq"), std::string("npub1é"),
        std::string(vectors::author_npub) + "q", "npub1" + std::string(10'000, 'q')})
    EXPECT_THAT(parse_public_key(bad).error(), HasSubstr("copy it again"));
}

TEST(PublicKey, SecretKeyIsRefusedAndNeverEchoed) {
  const auto parsed = parse_public_key(vectors::author_nsec);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error(), HasSubstr("SECRET"));
  EXPECT_THAT(parsed.error(), Not(HasSubstr(std::string(vectors::author_nsec.substr(0, 8)))));
}
