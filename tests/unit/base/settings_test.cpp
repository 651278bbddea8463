#include "base/settings.h"

#include <gtest/gtest.h>

TEST(Settings, RangeCheckNamesTheBounds) {
  std::int64_t port = 7777;
  const auto check = base::in_range(port, 1, 65535);
  EXPECT_FALSE(check());
  port = 65535;
  EXPECT_FALSE(check());
  port = 0;
  EXPECT_EQ(check(), "0 is out of range; use a number from 1 to 65535");
  port = 65536;
  EXPECT_TRUE(check());
}

TEST(Settings, ChoiceCheckNamesTheChoices) {
  std::string mode = "on";
  const auto check = base::one_of(mode, {"on", "off"});
  EXPECT_FALSE(check());
  mode = "maybe";
  EXPECT_EQ(check(), R"("maybe" is not known; use one of "on", "off")");
}

TEST(Settings, KeepTheirOrderAndPath) {
  bool on = false;
  std::string name;
  base::Settings settings;
  settings.add({"server", "tls", "Serve TLS.", &on, {}, {}});
  settings.add({"relay", "name", "Name of the relay.", &name, {}, {"RELAY_NAME"}});
  ASSERT_EQ(settings.all().size(), 2u);
  EXPECT_EQ(settings.all()[0].path(), "server.tls");
  EXPECT_EQ(settings.all()[1].path(), "relay.name");
}
