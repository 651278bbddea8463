#include <gmock/gmock.h>

#include "unit/config/loading.h"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Network, CertificateAndKeyComeTogether) {
  Loading cert;
  EXPECT_THAT(cert.load("[server]\ntls_cert = \"a.pem\""),
              ElementsAre("config/test.toml:2: server.tls_cert: needs server.tls_key as well"));
  Loading key;
  EXPECT_THAT(key.load("[server]\ntls_key = \"a.pem\""),
              ElementsAre(HasSubstr("server.tls_key: needs server.tls_cert as well")));
  Loading both;
  EXPECT_THAT(both.load("[server]\ntls_key = \"a.key\"\ntls_cert = \"a.crt\""), IsEmpty());
}

TEST(Network, ProxiesAreAddressesRangesOrTheUnixSocket) {
  Loading good;
  EXPECT_THAT(good.load("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\", \"unix\"]"),
              IsEmpty());
  for (const std::string bad : {"proxy.example", "10.0.0.0/40", "*", ""}) {
    Loading it;
    EXPECT_THAT(
        it.load("[server]\ntrusted_proxies = [\"::1\", \"" + bad + "\"]"),
        ElementsAre(HasSubstr("server.trusted_proxies: entry 2 of 2: is not an address; write")));
  }
}

TEST(Network, SilenceIsLongerThanThePingInterval) {
  Loading it;
  EXPECT_THAT(it.load("[server]\nping_interval_s = 100"),
              ElementsAre(HasSubstr("server.idle_timeout_s: must be 2 above "
                                    "server.ping_interval_s = 100 at least")));
  Loading both;
  EXPECT_THAT(both.load("[server]\nping_interval_s = 100\nidle_timeout_s = 200"), IsEmpty());
}

TEST(Network, AllButTheSocketFollowsAReload) {
  base::Settings settings;
  config::Network network;
  config::declare_network(settings, network);
  for (const auto& setting : settings.all())
    EXPECT_EQ(setting.live, setting.key != "unix_socket") << setting.key;
}

}  // namespace
