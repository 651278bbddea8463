#include "config/load.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "config/reference.h"
#include "unit/config/loading.h"

namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string key_hex(64, 'a');

TEST(ConfigFile, EmptyFileKeepsEveryDefault) {
  Loading it;
  EXPECT_THAT(it.load(""), IsEmpty());
  EXPECT_EQ(it.config.server.host, "127.0.0.1");
  EXPECT_EQ(it.config.server.port, 8080);
  EXPECT_EQ(it.config.storage.backend, "lmdb");
  EXPECT_TRUE(it.config.auth.enabled);
  EXPECT_EQ(it.config.limits.max_message_bytes, 512 * 1024);
}

TEST(ConfigFile, SetsValuesOfEveryType) {
  Loading it;
  EXPECT_THAT(
      it.load("[server]\nport = 9000\nallowed_origins = [\"https://a.example\"]\n"
              "[auth]\nrequired = true\n[info]\nname = \"relay\"\n[limits]\nmax_limit = 600"),
      IsEmpty());
  EXPECT_EQ(it.config.server.port, 9000);
  EXPECT_THAT(it.config.server.allowed_origins, ElementsAre("https://a.example"));
  EXPECT_TRUE(it.config.auth.required);
  EXPECT_EQ(it.config.info.name, "relay");
  EXPECT_EQ(it.config.limits.max_limit, 600);
}

TEST(ConfigFile, UnknownKeyIsNamedWithLineAndLikelyMeaning) {
  Loading it;
  EXPECT_THAT(
      it.load("[server]\n\nprot = 1"),
      ElementsAre(testing::StartsWith(
          "config/test.toml:3: server.prot: unknown key; did you mean \"port\"? Known keys in "
          "[server]: host, port, workers, ")));
}

TEST(ConfigFile, KeyInTheWrongSectionIsToldWhereItBelongs) {
  Loading it;
  EXPECT_THAT(
      it.load("[auth]\nstorage_backend = \"lmdb\""),
      ElementsAre(HasSubstr("it belongs in [extensions.mls_gateway]. Known keys in [auth]")));
  EXPECT_THAT(it.load("port = 1"), ElementsAre(HasSubstr("it belongs in [server]")));
}

TEST(ConfigFile, UnknownSectionIsNamedWithTheKnownOnes) {
  Loading it;
  EXPECT_THAT(
      it.load("[extensions.mls_gatway]\nproject_id = \"x\""),
      ElementsAre(AllOf(HasSubstr("config/test.toml:1: extensions.mls_gatway: unknown section; "
                                  "did you mean [extensions.mls_gateway]?"),
                        HasSubstr("[server]"))));
}

TEST(ConfigFile, ValueInPlaceOfASectionIsRefused) {
  Loading it;
  EXPECT_THAT(it.load("server = 1"),
              ElementsAre("config/test.toml:1: server: is a section; write [server]"));
}

TEST(ConfigFile, WrongTypesAreRefusedWithAnExample) {
  Loading it;
  EXPECT_THAT(
      it.load("[server]\nport = \"8080\"\nhost = 1\nallowed_origins = \"*\"\n[auth]\nenabled = 1\n"
              "[server.workers]\nn = 1"),
      testing::UnorderedElementsAre(
          "config/test.toml:2: server.port: must be a whole number; write it like port = 60",
          "config/test.toml:3: server.host: must be a text; write it like host = \"text\"",
          "config/test.toml:4: server.allowed_origins: must be a list of texts; write it like "
          "allowed_origins = [\"first\", \"second\"]",
          "config/test.toml:6: auth.enabled: must be true or false; write it like enabled = true",
          HasSubstr("server.workers: must be a whole number")));
}

TEST(ConfigFile, ListWithAnEntryThatIsNoTextIsRefused) {
  Loading it;
  EXPECT_THAT(it.load("[auth]\nrelay_urls = [\"wss://a.example\", 1]"),
              ElementsAre(HasSubstr("must be a list of texts")));
}

TEST(ConfigFile, ErrorsComeInTheOrderOfTheFile) {
  Loading it;
  EXPECT_THAT(it.load("[server]\nx = 1\na = 1\n[auth]\nb = 1"),
              ElementsAre(HasSubstr("toml:2: server.x"), HasSubstr("toml:3: server.a"),
                          HasSubstr("toml:5: auth.b: unknown key. Known keys in [auth]: ")));
}

TEST(ConfigFile, ReportsEveryErrorAtOnce) {
  Loading it;
  EXPECT_EQ(
      it.load("[server]\nport = 70000\nprot = 1\nworkers = \"x\"\n[log]\nlevel = \"loud\"").size(),
      4u);
}

TEST(ConfigFile, ValueOutOfRangeNamesTheRange) {
  Loading it;
  EXPECT_THAT(
      it.load("[server]\nport = 70000"),
      ElementsAre("config/test.toml:2: server.port: 70000 is out of range; use a number from "
                  "0 to 65535"));
}

TEST(ConfigFile, TextThatIsNoTomlIsRefusedWithItsLine) {
  Loading it;
  EXPECT_THAT(it.load("[server]\nport = "),
              ElementsAre(testing::StartsWith("config/test.toml:2: is not TOML: ")));
  EXPECT_THAT(it.load("[server]\nport = 1\nport = 2"),
              ElementsAre(testing::StartsWith("config/test.toml:3: is not TOML: ")));
}

TEST(ConfigFile, MissingFileIsNamedWithTheRemedy) {
  const auto source = config::read_source("no/such/file.toml");
  ASSERT_FALSE(source);
  EXPECT_EQ(
      source.error(),
      "no/such/file.toml: cannot be read: No such file or directory; name a readable TOML file "
      "with -c");
}

TEST(ConfigFile, FolderIsNotAFile) {
  const auto source = config::read_source(std::filesystem::temp_directory_path().string());
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error(), HasSubstr("is a folder"));
}

TEST(ConfigFile, LimitsThatDoNotFitTogetherAreRefused) {
  Loading it;
  EXPECT_THAT(
      it.load("[limits]\ndefault_limit = 9000"),
      ElementsAre(HasSubstr("limits.default_limit: 9000 is above limits.max_limit = 5000")));
  Loading other;
  EXPECT_THAT(other.load("[limits]\nmax_message_bytes = 8388608\nmax_send_queue_bytes = 8388608"),
              ElementsAre(HasSubstr("must hold two messages; set it to 16777216 or more")));
}

TEST(Whitelist, AbsentAdmitsEverybody) {
  Loading it;
  EXPECT_THAT(it.load(""), IsEmpty());
  EXPECT_EQ(config::whitelist(it.config.auth), std::nullopt);
}

TEST(Whitelist, HoldsTheKeysThatAreListed) {
  Loading it;
  EXPECT_THAT(
      it.load("[auth]\npubkey_whitelist = [\"" + key_hex + "\", \"your-allowed-pubkey-2\"]"),
      IsEmpty());
  EXPECT_THAT(*config::whitelist(it.config.auth),
              ElementsAre(*base::from_hex<nostr::PublicKey>(key_hex)));
  EXPECT_THAT(it.warnings, ElementsAre(testing::Not(HasSubstr("nobody"))));
}

TEST(Whitelist, PlaceholdersAdmitNobodyAndAreWarnedOf) {
  Loading it;
  EXPECT_THAT(it.load("[auth]\npubkey_whitelist = [\"your-allowed-pubkey-1\"]"), IsEmpty());
  EXPECT_THAT(*config::whitelist(it.config.auth), IsEmpty());
  EXPECT_THAT(it.warnings,
              ElementsAre(AllOf(testing::StartsWith("config/test.toml:2: auth.pubkey_whitelist: "),
                                HasSubstr("nobody is admitted"))));
}

TEST(Whitelist, EntryThatIsNoKeyIsRefusedByItsNumberAndNotRepeated) {
  for (const std::string bad :
       {"your-allowed-pubkey-", "your-allowed-pubkey-x", "nsec1secret", ""}) {
    Loading it;
    const auto errors =
        it.load("[auth]\npubkey_whitelist = [\"" + key_hex + "\", \"" + bad + "\"]");
    ASSERT_EQ(errors.size(), 1u) << bad;
    EXPECT_THAT(errors[0],
                testing::StartsWith("config/test.toml:2: auth.pubkey_whitelist: entry 2 of 2: "));
    EXPECT_TRUE(bad.empty() || errors[0].find(bad) == errors[0].npos) << errors[0];
  }
}

TEST(Limits, ATimeWindowThatRefusesGiftWrapsIsRefused) {
  for (const std::string seconds : {"1", "172800"}) {
    Loading it;
    EXPECT_THAT(it.load("[limits]\ncreated_at_max_age_s = " + seconds),
                ElementsAre(AllOf(HasSubstr("limits.created_at_max_age_s: " + seconds),
                                  HasSubstr("gift wraps"))));
  }
  for (const std::string seconds : {"0", "172801"}) {
    Loading it;
    EXPECT_THAT(it.load("[limits]\ncreated_at_max_age_s = " + seconds), IsEmpty());
  }
}

TEST(Info, WhatClientsCouldNotReadIsRefused) {
  Loading it;
  EXPECT_THAT(it.load("[info]\nself = \"npub1x\"\nrelay_countries = [\"ca\"]\n"
                      "fees = [\"admission 1 msats\", \"admission\"]"),
              ElementsAre(HasSubstr("info.self: is not a public key"),
                          HasSubstr("info.relay_countries: holds codes of two capital letters"),
                          HasSubstr("info.fees: entry 2 of 2 is no fee")));
}

TEST(Auth, WhitelistOrRequiredWithoutAuthenticationIsRefused) {
  Loading it;
  EXPECT_THAT(
      it.load("[auth]\nenabled = false\nrequired = true\npubkey_whitelist = [\"" + key_hex + "\"]"),
      ElementsAre(HasSubstr("auth.required: needs auth.enabled = true"),
                  HasSubstr("auth.pubkey_whitelist: protects nothing")));
}

TEST(Auth, RelayUrlsMustBeUrls) {
  Loading it;
  EXPECT_THAT(it.load("[auth]\nrelay_urls = [\"wss://relay.example.com\", \"relay\"]"),
              ElementsAre(HasSubstr("auth.relay_urls: entry 2 of 2: is not the URL of a relay")));
}

TEST(Server, OriginsHaveNoPath) {
  Loading it;
  EXPECT_THAT(it.load("[server]\nallowed_origins = [\"https://a.example/\"]"),
              ElementsAre(HasSubstr("entry 1 of 1: is not an origin")));
}

TEST(Storage, FirestoreWithoutProjectAsksForTheProject) {
  Loading it;
  EXPECT_THAT(it.load("[extensions.mls_gateway]\nstorage_backend = \"firestore\""),
              ElementsAre(AllOf(testing::StartsWith(
                                    "config/test.toml:2: extensions.mls_gateway.storage_backend: "),
                                HasSubstr("project_id required for Firestore backend; set it"),
                                Not(HasSubstr("build")))));
}

TEST(Storage, PostgresWithoutItsUrlAsksForIt) {
  for (const std::string backend : {"cloudsql", "postgres"}) {
    Loading it;
    EXPECT_THAT(it.load("[extensions.mls_gateway]\nstorage_backend = \"" + backend + "\""),
                ElementsAre(AllOf(HasSubstr("database_url required for "),
                                  HasSubstr(" backend; set it like"))));
  }
}

TEST(Storage, KnownStoresThatAreNotBuiltInAreRefusedWithThoseThatAre) {
#if defined(GATEWAY_POSTGRES) && defined(GATEWAY_FIRESTORE)
  const std::string built_in;
  const std::vector<std::string> missing;
#elif defined(GATEWAY_POSTGRES)
  const std::string built_in = "\"lmdb\", \"memory\", \"postgres\" and \"cloudsql\"";
  const std::vector<std::string> missing = {"firestore"};
#elif defined(GATEWAY_FIRESTORE)
  const std::string built_in = "\"lmdb\", \"memory\" and \"firestore\"";
  const std::vector<std::string> missing = {"cloudsql", "postgres"};
#else
  const std::string built_in = "\"lmdb\" and \"memory\"";
  const std::vector<std::string> missing = {"firestore", "cloudsql", "postgres"};
#endif
  for (const std::string& backend : missing) {
    Loading it;
    EXPECT_THAT(
        it.load("[extensions.mls_gateway]\nproject_id = \"p\"\n"
                "database_url = \"postgres://host/db\"\nstorage_backend = \"" +
                backend + "\""),
        ElementsAre(HasSubstr("\"" + backend + "\" is not part of this build; this build has " +
                              built_in + ", use one of them")));
  }
}

#ifdef GATEWAY_FIRESTORE
TEST(Storage, FirestoreRefusesLimitsThatAdmitWhatNoDocumentHolds) {
  for (const std::string limit : {"max_message_bytes = 1048576", "max_event_tags = 10000"}) {
    Loading it;
    EXPECT_THAT(it.load("[extensions.mls_gateway]\nproject_id = \"p\"\n"
                        "storage_backend = \"firestore\"\n[limits]\n" +
                        limit),
                Contains(HasSubstr("or less")));
  }
}
#endif

TEST(Storage, WhatIsNoUrlOfADatabaseIsRefusedWithoutShowingIt) {
  Loading it;
  const auto errors = it.load(
      "[extensions.mls_gateway]\nstorage_backend = \"postgres\"\n"
      "database_url = \"mysql://user:hunter2@host/db\"");
  EXPECT_THAT(errors, Contains(HasSubstr("is not the URL of a PostgreSQL database")));
  EXPECT_THAT(errors, Each(Not(HasSubstr("hunter2"))));
}

TEST(Storage, TheUrlOfTheDatabaseMayComeFromTheEnvironment) {
  Loading it;
  it.variables["MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_DATABASE_URL"] = "postgresql://host/db";
  EXPECT_THAT(it.load("[extensions.mls_gateway]\nstorage_backend = \"cloudsql\""),
              Each(Not(HasSubstr("database_url"))));
  EXPECT_EQ(it.config.storage.database_url, "postgresql://host/db");
}

/// However the file is broken around it.
TEST(Storage, APasswordInABrokenFileIsNotShown) {
  for (const std::string line :
       {"database_url = \"postgres://u:hunter2@h/d", "database_url = hunter2",
        "database_url = [\"hunter2\"]", "database_url \"hunter2\"",
        "database_url = postgres://u:hunter2@h/d", "database_url = 'hunter2' x",
        "database_urls = \"hunter2\"", "database_url = \"\\q hunter2\""}) {
    Loading it;
    const auto errors = it.load("[extensions.mls_gateway]\n" + line + "\n");
    EXPECT_THAT(errors, Not(IsEmpty())) << line;
    EXPECT_THAT(errors, Each(Not(HasSubstr("hunter2")))) << line;
  }
}

TEST(Storage, UnknownStoreIsRefused) {
  Loading it;
  EXPECT_THAT(it.load("[extensions.mls_gateway]\nstorage_backend = \"disk\""),
              ElementsAre(HasSubstr("\"disk\" is not known; this build has")));
}

}  // namespace
