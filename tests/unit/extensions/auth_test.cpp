#include "extensions/auth/extension.h"
#include "unit/relay/relay_fixture.h"

namespace {

using test::Signer;

class AuthExtension : public test::RelayFixture {
 protected:
  void start_auth(extensions::auth::Config config) {
    std::ranges::sort(config.allowed);
    start({std::make_shared<extensions::auth::Auth>(std::move(config))});
  }

  const Signer alice{1}, bob{2}, one_time{9};
};

TEST_F(AuthExtension, WithoutAListEverybodyIsAdmitted) {
  start_auth({});
  EXPECT_THAT(publish(connect(), alice.sign(1, {}, "", now)), testing::HasSubstr(",true,"));
  EXPECT_THAT(request(connect(), "q", "{}").back(), testing::HasSubstr("EOSE"));
}

TEST_F(AuthExtension, RequiredMeansEverything) {
  start_auth({.required = true, .allowed = {}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice.sign(1, {}, "", now)),
              testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(request(client, "q", "{}").back(),
              testing::HasSubstr("CLOSED\",\"q\",\"auth-required:"));
  EXPECT_THAT(authenticate(client, bob), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(client, alice.sign(1, {}, "", now)), testing::HasSubstr(",true,"));
  EXPECT_THAT(request(client, "q", "{}").back(), testing::HasSubstr("EOSE"));
}

TEST_F(AuthExtension, TheListAdmitsItsKeysAndWhatTheyWrote) {
  start_auth({.restricted = true, .allowed = {alice.key()}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice.sign(1, {}, "", now)), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(client, bob.sign(1, {}, "", now)),
              testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(request(client, "q", "{}").back(), testing::HasSubstr("auth-required:"));
  EXPECT_THAT(authenticate(client, bob), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(client, bob.sign(1, {}, "", now)), testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(authenticate(client, alice), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(client, one_time.sign(1, {}, "", now)), testing::HasSubstr(",true,"));
  EXPECT_THAT(request(client, "q", "{}").back(), testing::HasSubstr("EOSE"));
}

TEST_F(AuthExtension, AListOfNoKeysAdmitsNobody) {
  start_auth({.restricted = true, .allowed = {}});
  auto& client = connect();
  EXPECT_THAT(authenticate(client, alice), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(client, alice.sign(1, {}, "", now)),
              testing::HasSubstr("false,\"restricted:"));
}

}  // namespace
