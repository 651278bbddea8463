#include "nostr/verify.h"

#include <gtest/gtest.h>

#include "event_text.h"
#include "vectors.h"

using nostr::Verifier;
using nostr::VerifyError;

TEST(Verifier, AcceptsWhatClientsSign) {
  Verifier verifier;
  for (int round = 0; round < 2; ++round)
    for (const auto& vector : vectors::signed_events)
      EXPECT_TRUE(verifier.verify(test::event(vector.json))) << vector.name;
}

TEST(Verifier, ComputesTheIdThatClientsCompute) {
  Verifier verifier;
  for (const auto& vector : vectors::signed_events) {
    if (vector.name == "raw_controls") continue;
    const auto event = test::event(vector.json);
    EXPECT_EQ(verifier.id_of(event), event.id) << vector.name;
  }
}

TEST(Verifier, RefusesAChangedEventByItsId) {
  Verifier verifier;
  const auto original = test::event(vectors::signed_event("seven_escapes"));
  const auto refused = [&](std::string_view from, std::string_view to) {
    auto json = original.json;
    json.replace(json.find(from), from.size(), to);
    return verifier.verify(test::event(json)) == std::unexpected(VerifyError::bad_id);
  };
  EXPECT_TRUE(refused("\"id\":\"", "\"ignored\":\"\",\"id\":\"") == false);
  EXPECT_TRUE(refused("h/i", "h/j"));
  EXPECT_TRUE(refused("\"kind\":1", "\"kind\":2"));
  EXPECT_TRUE(refused("1700000000", "1700000001"));
  EXPECT_TRUE(refused("[[\"t\"", "[[\"u\""));
}

TEST(Verifier, RefusesASignatureThatIsNotTheAuthors) {
  Verifier verifier;
  const auto good = test::event(vectors::signed_event("plain"));
  const auto other = test::event(vectors::signed_event("empty"));
  auto forged = good;
  forged.sig = other.sig;
  EXPECT_EQ(verifier.verify(forged), std::unexpected(VerifyError::bad_signature));
  forged.sig = {};
  EXPECT_EQ(verifier.verify(forged), std::unexpected(VerifyError::bad_signature));
  EXPECT_TRUE(verifier.verify(good));
}

TEST(Verifier, RefusesAKeyThatIsNoCurvePoint) {
  Verifier verifier;
  for (const char digit : {'0', 'f'}) {
    auto event = test::event({.pubkey = '"' + std::string(64, digit) + '"'});
    event.id = verifier.id_of(event);
    for (int round = 0; round < 2; ++round)
      EXPECT_EQ(verifier.verify(event), std::unexpected(VerifyError::bad_signature));
  }
}
