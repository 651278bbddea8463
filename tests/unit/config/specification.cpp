// The documented sample configuration: specification.toml, verbatim.

#include <gmock/gmock.h>

#include "unit/config/loading.h"

namespace {

/// The keys that the MLS gateway declares for itself and the sample names.
struct GatewayKeys {
  std::int64_t keypackage_ttl = 0, welcome_ttl = 0, message_archive_ttl_days = 0;
  bool enable_api = false, enable_message_archive = false;
  std::string api_prefix;
  std::int64_t max_events_per_minute = 0, max_keypackages_per_hour = 0,
               max_group_messages_per_minute = 0;
};

void declare(base::Settings& settings, GatewayKeys& keys) {
  const std::string gateway = "extensions.mls_gateway", budgets = gateway + ".rate_limits";
  settings.add({gateway, "keypackage_ttl", "", &keys.keypackage_ttl, {}, {}});
  settings.add({gateway, "welcome_ttl", "", &keys.welcome_ttl, {}, {}});
  settings.add({gateway, "message_archive_ttl_days", "", &keys.message_archive_ttl_days, {}, {}});
  settings.add({gateway, "enable_api", "", &keys.enable_api, {}, {}});
  settings.add({gateway, "enable_message_archive", "", &keys.enable_message_archive, {}, {}});
  settings.add({gateway, "api_prefix", "", &keys.api_prefix, {}, {}});
  settings.add({budgets, "max_events_per_minute", "", &keys.max_events_per_minute, {}, {}});
  settings.add({budgets, "max_keypackages_per_hour", "", &keys.max_keypackages_per_hour, {}, {}});
  settings.add(
      {budgets, "max_group_messages_per_minute", "", &keys.max_group_messages_per_minute, {}, {}});
}

std::string sample() {
  const auto source =
      config::read_source(GATEWAY_SOURCE_DIR "/tests/unit/config/specification.toml");
  return source ? source->text : source.error();
}

TEST(Specification, SampleLoadsUnchangedButForItsBackend) {
  Loading it;
  GatewayKeys gateway;
  declare(it.settings, gateway);
  it.variables = {{"MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_STORAGE_BACKEND", "lmdb"}};
  EXPECT_THAT(it.load(sample()), testing::IsEmpty());
  EXPECT_EQ(it.config.server.host, "0.0.0.0");
  EXPECT_EQ(it.config.server.workers, 2);
  EXPECT_EQ(it.config.storage.project_id, "your-gcp-project");
  EXPECT_EQ(gateway.keypackage_ttl, 86400);
  EXPECT_EQ(gateway.max_group_messages_per_minute, 50);
}

TEST(Specification, ItsPlaceholderKeysAdmitNobody) {
  Loading it;
  GatewayKeys gateway;
  declare(it.settings, gateway);
  it.variables = {{"MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_STORAGE_BACKEND", "lmdb"}};
  EXPECT_THAT(it.load(sample()), testing::IsEmpty());
  EXPECT_THAT(config::whitelist(it.config.auth), testing::Optional(testing::IsEmpty()));
  EXPECT_THAT(it.warnings, testing::ElementsAre(testing::HasSubstr("nobody is admitted")));
}

TEST(Specification, NothingIsRefusedButABackendThatIsNotBuiltIn) {
  Loading it;
  GatewayKeys gateway;
  declare(it.settings, gateway);
#ifdef GATEWAY_FIRESTORE
  EXPECT_THAT(it.load(sample()), testing::IsEmpty());
#else
  EXPECT_THAT(it.load(sample()),
              testing::ElementsAre(testing::HasSubstr("config/test.toml:14: "
                                                      "extensions.mls_gateway.storage_backend: "
                                                      "\"firestore\" is not part of this build")));
#endif
}

}  // namespace
