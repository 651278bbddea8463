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
      R"({"name":"A \"relay\"","description":"d","pubkey":"aa","contact":"mailto:ops@example.com",)"
      R"("icon":"https://example.com/icon.png","software":"mls-gateway","version":"1.2",)"
      R"("supported_nips":[1,11,42],"limitation":{"max_message_length":524288,"max_subscriptions":300,)"
      R"("max_limit":5000,"max_subid_length":64,"max_event_tags":5000,"default_limit":500,)"
      R"("auth_required":true,"payment_required":false,"restricted_writes":false,)"
      R"("created_at_upper_limit":900}})");
}

TEST(InformationDocument, LeavesOutWhatTheOperatorLeftEmpty) {
  const std::string document = nostr::information_document({});
  EXPECT_TRUE(
      document.starts_with(R"({"software":"mls-gateway","supported_nips":[],"limitation":{)"))
      << document;
}
