#include <gmock/gmock.h>

#include "config/config.h"
#include "config/load.h"
#include "config/reference.h"
#include "extensions/access/config.h"
#include "extensions/metrics/config.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/rate_limiter/config.h"
#include "extensions/search/config.h"
#include "extensions/write_policy/config.h"

namespace {

using extensions::mls_gateway::Config;

struct Loading {
  config::Config core;
  Config gateway;
  extensions::access::Config access;
  extensions::rate_limiter::Config rate_limiter;
  extensions::write_policy::Config write_policy;
  extensions::search::Config search;
  extensions::metrics::Config metrics;
  base::Settings settings;

  Loading() {
    config::declare(settings, core);
    extensions::mls_gateway::declare(settings, gateway);
    extensions::access::declare(settings, access);
    extensions::rate_limiter::declare(settings, rate_limiter);
    extensions::write_policy::declare(settings, write_policy);
    extensions::search::declare(settings, search);
    extensions::metrics::declare(settings, metrics);
  }
  auto load(std::string text) {
    return config::load(settings, {"test.toml", std::move(text)},
                        [](std::string_view) { return std::nullopt; });
  }
};

TEST(GatewayConfig, SpecificationSampleLoadsUnchangedButForItsBackend) {
  auto sample = config::read_source(GATEWAY_SOURCE_DIR "/tests/unit/config/specification.toml");
  ASSERT_TRUE(sample);
  const auto backend = sample->text.find("\"firestore\"");
  if (backend != std::string::npos) sample->text.replace(backend, 11, "\"lmdb\"");
  Loading it;
  const auto loaded = it.load(sample->text);
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(it.gateway.keypackage_ttl, 86'400);
  EXPECT_EQ(it.gateway.rate_limits.max_keypackages_per_hour, 10);
  EXPECT_TRUE(it.gateway.enable_api);
}

TEST(GatewayConfig, ShippedExampleLoadsAndHoldsTheDefaults) {
  Loading it;
  Loading defaults;
  const auto shipped = config::read_source(GATEWAY_SOURCE_DIR "/config/mls-gateway.toml");
  ASSERT_TRUE(shipped) << shipped.error();
  const auto loaded = it.load(shipped->text);
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(config::reference_markdown(it.settings), config::reference_markdown(defaults.settings));
}

TEST(GatewayConfig, UnknownPolicyIsRefusedWithTheKnownOnes) {
  Loading it;
  const auto loaded = it.load("[extensions.mls_gateway]\nmarmot = \"on\"");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().front(),
              testing::AllOf(testing::HasSubstr("test.toml:2"), testing::HasSubstr("capability")));
}

}  // namespace
