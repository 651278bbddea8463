#include "nostr/kinds.h"

#include <gtest/gtest.h>

using namespace nostr;

TEST(Kinds, HaveOneClassEach) {
  for (int kind = 0; kind <= 65535; ++kind) {
    const auto k = static_cast<Kind>(kind);
    const bool replaceable = kind == 0 || kind == 3 || (kind >= 10000 && kind <= 19999);
    EXPECT_EQ(is_replaceable(k), replaceable) << kind;
    EXPECT_EQ(is_ephemeral(k), kind / 10000 == 2) << kind;
    EXPECT_EQ(is_addressable(k), kind / 10000 == 3) << kind;
  }
}
