#include "nostr/nip11.h"

#include <gtest/gtest.h>

TEST(InformationDocument, SaysWhatIsEnforced) {
  const std::string document = nostr::information_document({.name = "A \"relay\"",
                                                            .description = "d",
                                                            .pubkey = "aa",
                                                            .contact = "mailto:ops@example.com",
                                                            .icon = "https://example.com/icon.png",
                                                            .version = "1.2",
                                                            .supported_nips = {42, 1, 11, 1},
                                                            .auth_required = true,
                                                            .restricted_writes = false,
                                                            .limits = {}});
  EXPECT_EQ(
      document,
      R"({"name":"A \"relay\"","description":"d","icon":"https://example.com/icon.png","pubkey":"aa",)"
      R"("contact":"mailto:ops@example.com","software":"mls-gateway","version":"1.2",)"
      R"("supported_nips":[1,11,42],"limitation":{"max_message_length":524288,"max_subscriptions":300,)"
      R"("max_limit":5000,"max_subid_length":64,"max_event_tags":5000,"default_limit":500,)"
      R"("auth_required":true,"payment_required":false,"restricted_writes":false,)"
      R"("created_at_upper_limit":900,"min_pow_difficulty":0}})");
}

TEST(InformationDocument, SaysWhatTheOperatorSays) {
  nostr::RelayInfo info{.banner = "https://example.com/banner.png",
                        .self = "bb",
                        .terms_of_service = "https://example.com/terms",
                        .privacy_policy = "https://example.com/privacy",
                        .posting_policy = "https://example.com/posting",
                        .payments_url = "https://example.com/pay",
                        .relay_countries = {"CA", "US"},
                        .language_tags = {"en", "en-419"},
                        .tags = {"sfw-only"},
                        .retention = R"([{"time":3600}])"};
  info.limits.created_at_max_age_s = 259'200;
  info.limits.min_pow_difficulty = 20;
  for (const auto* text : {"admission 1000000 msats", "publication 100 msats 4 5",
                           "publication 7 sats", "subscription 5000000 msats 2592000"})
    info.fees.push_back(nostr::parse_fee(text).value());
  const std::string document = nostr::information_document(info);
  EXPECT_TRUE(document.starts_with(
      R"({"banner":"https://example.com/banner.png","self":"bb","software":"mls-gateway",)"
      R"("terms_of_service":"https://example.com/terms","privacy_policy":"https://example.com/privacy",)"
      R"("posting_policy":"https://example.com/posting","relay_countries":["CA","US"],)"
      R"("language_tags":["en","en-419"],"tags":["sfw-only"],"payments_url":"https://example.com/pay",)"
      R"("fees":{"admission":[{"amount":1000000,"unit":"msats"}],)"
      R"("subscription":[{"amount":5000000,"unit":"msats","period":2592000}],)"
      R"("publication":[{"amount":100,"unit":"msats","kinds":[4,5]},{"amount":7,"unit":"sats"}]},)"
      R"("retention":[{"time":3600}],"supported_nips":[],"limitation":{)"))
      << document;
  EXPECT_TRUE(document.ends_with(R"("min_pow_difficulty":20,"created_at_lower_limit":259200}})"))
      << document;
}

TEST(InformationDocument, FeesThatSayNothingAreNone) {
  for (const auto* text : {"", "admission", "admission 5", "admission x msats",
                           "admission -1 msats", "admission 5 msats 4", "subscription 5 msats",
                           "subscription 5 msats 1 2", "publication 5 msats four", "entry 5 msats"})
    EXPECT_FALSE(nostr::parse_fee(text)) << text;
}

TEST(InformationDocument, LeavesOutWhatTheOperatorLeftEmpty) {
  const std::string document = nostr::information_document({});
  EXPECT_TRUE(
      document.starts_with(R"({"software":"mls-gateway","supported_nips":[],"limitation":{)"))
      << document;
}
