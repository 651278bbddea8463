#include "config/environment.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "unit/config/loading.h"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Environment, VariableOfAKeyOverridesTheFile) {
  Loading it;
  it.variables = {{"MLS_GATEWAY_SERVER_PORT", "9001"},
                  {"MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_STORAGE_BACKEND", "memory"},
                  {"MLS_GATEWAY_AUTH_RELAY_URLS", "wss://a.example, wss://b.example"}};
  EXPECT_THAT(it.load("[server]\nport = 9000"), IsEmpty());
  EXPECT_EQ(it.config.server.port, 9001);
  EXPECT_EQ(it.config.storage.backend, "memory");
  EXPECT_THAT(it.config.auth.relay_urls, ElementsAre("wss://a.example", "wss://b.example"));
}

TEST(Environment, SpecifiedNamesWork) {
  Loading it;
  it.variables = {{"PORT", "9002"},
                  {"LOG_LEVEL", "WARN"},
                  {"NOSTR_AUTH_REQUIRED", "true"},
                  {"ALLOWED_ORIGINS", "https://a.example"},
                  {"FIREBASE_PROJECT_ID", "second"},
                  {"GOOGLE_CLOUD_PROJECT", "first"}};
  EXPECT_THAT(it.load(""), IsEmpty());
  EXPECT_EQ(it.config.server.port, 9002);
  EXPECT_EQ(it.config.log.level, "warn");
  EXPECT_TRUE(it.config.auth.required);
  EXPECT_THAT(it.config.server.allowed_origins, ElementsAre("https://a.example"));
  EXPECT_EQ(it.config.storage.project_id, "first");
}

TEST(Environment, DerivedNameIsStrongerThanTheSharedOnes) {
  Loading it;
  it.variables = {{"PORT", "1"}, {"MLS_GATEWAY_SERVER_PORT", "2"}};
  EXPECT_THAT(it.load(""), IsEmpty());
  EXPECT_EQ(it.config.server.port, 2);
}

TEST(Environment, LogLevelIsStrongerThanRustLog) {
  Loading it;
  it.variables = {{"RUST_LOG", "debug"}, {"LOG_LEVEL", "error"}};
  EXPECT_THAT(it.load(""), IsEmpty());
  EXPECT_EQ(it.config.log.level, "error");
}

TEST(Environment, RustLogCountsItsFirstLevelThatStandsAlone) {
  const std::pair<std::string, std::string> cases[] = {{"info,foo=debug", "info"},
                                                       {"foo=debug,WARN", "warn"},
                                                       {"hyper,debug", "debug"},
                                                       {"foo=debug", "error"}};
  for (const auto& [text, level] : cases) {
    Loading it;
    it.variables = {{"RUST_LOG", text}};
    EXPECT_THAT(it.load("[log]\nlevel = \"error\""), IsEmpty()) << text;
    EXPECT_EQ(it.config.log.level, level) << text;
  }
}

TEST(Environment, EmptyVariableCountsAsNotSet) {
  Loading it;
  it.variables = {{"PORT", ""}, {"MLS_GATEWAY_AUTH_PUBKEY_WHITELIST", ""}};
  EXPECT_THAT(it.load("[auth]\npubkey_whitelist = [\"your-allowed-pubkey-1\"]"), IsEmpty());
  EXPECT_EQ(it.config.server.port, 8080);
  EXPECT_EQ(it.config.auth.pubkey_whitelist.size(), 1u);
}

TEST(Environment, ListOfNothingButCommasIsRefused) {
  Loading it;
  it.variables = {{"MLS_GATEWAY_AUTH_PUBKEY_WHITELIST", " , "}};
  EXPECT_THAT(it.load(""), ElementsAre(HasSubstr("names no entry")));
}

TEST(Environment, BadValueIsRefusedWithTheNameOfTheVariable) {
  Loading it;
  it.variables = {{"PORT", "80x"},
                  {"NOSTR_AUTH_REQUIRED", "maybe"},
                  {"RUST_LOG", "loud"},
                  {"MLS_GATEWAY_SERVER_WORKERS", "-1"}};
  EXPECT_THAT(
      it.load(""),
      testing::UnorderedElementsAre(
          "environment variable PORT: server.port: must be a whole number",
          "environment variable NOSTR_AUTH_REQUIRED: auth.required: must be true or false",
          testing::StartsWith("environment variable RUST_LOG: log.level: \"loud\" is not known"),
          testing::StartsWith(
              "environment variable MLS_GATEWAY_SERVER_WORKERS: server.workers: -1 is out")));
}

TEST(Environment, FileErrorsAndEnvironmentErrorsComeTogether) {
  Loading it;
  it.variables = {{"PORT", "x"}};
  EXPECT_EQ(it.load("[server]\nprot = 1").size(), 2u);
}

TEST(Environment, ProcessEnvironmentSaysWhatIsNotSet) {
  EXPECT_EQ(config::process_environment("MLS_GATEWAY_NOT_SET"), std::nullopt);
  EXPECT_EQ(config::process_environment("PATH"), std::getenv("PATH"));
}

}  // namespace
