#include "extensions/mls_gateway/acl_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "support/event_builder.h"
#include "support/temp_folder.h"
#include "unit/extensions/scripted_sidecar.h"

namespace extensions::mls_gateway {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ScriptedSidecar;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string response(std::string_view status, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}

class AclClient : public testing::Test {
 protected:
  using Result = std::expected<AclAnswer, AclError>;

  AskSidecar make(std::string_view scheme = "http", std::string_view host = "127.0.0.1",
                  std::chrono::milliseconds timeout = 10s, std::string token = {}) {
    const auto url = parse_acl_url(fmt::format("{}://{}:{}", scheme, host, sidecar.port()));
    auto client = make_acl_client(loop.get_executor(),
                                  {.url = *url, .timeout = timeout, .token = std::move(token)});
    return *std::move(client);
  }
  Result ask(const AskSidecar& client, std::string group = "g") {
    std::optional<Result> result;
    asio::co_spawn(loop, client(test::bytes32(7), std::move(group)),
                   [&](const std::exception_ptr& failure, Result answer) {
                     if (!failure) result = answer;
                   });
    run_until([&] { return result.has_value(); });
    return result.value();
  }
  /// What a client makes of one response.
  Result reads(std::string bytes, bool then_hang_up = false) {
    sidecar.will_say(std::move(bytes), then_hang_up);
    return ask(make());
  }
  void run_until(const std::function<bool()>& reached) {
    while (!reached())
      if (loop.run_one_for(10s) == 0) throw std::runtime_error("nothing happened for 10 s");
  }

  asio::io_context loop;
  ScriptedSidecar sidecar{loop};
};

TEST_F(AclClient, ReadsAnswers) {
  const auto member = reads(response("200 OK", R"({"member":true,"role":"admin","ttl":60})"));
  ASSERT_TRUE(member);
  EXPECT_EQ(member->standing, Standing::admin);
  EXPECT_EQ(member->ttl, 60s);
  EXPECT_EQ(reads(response("200 OK", R"({"member":false})"))->standing, Standing::outsider);
  EXPECT_EQ(reads(response("404 Not Found", ""))->standing, Standing::outsider);
  EXPECT_EQ(reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "8\r\n{\"member\r\n8\r\n\": true}\r\n0\r\n\r\n")
                ->standing,
            Standing::member);
}

TEST_F(AclClient, AsksAsTheProtocolSays) {
  sidecar.will_say(response("404 Not Found", ""));
  std::ignore = ask(make("http", "127.0.0.1", 10s, "secret"), "a/b ü");
  const auto& request = sidecar.requests.at(0);
  EXPECT_THAT(request, StartsWith("GET /v1/groups/a%2Fb%20%C3%BC/members/" + test::hex(7) +
                                  " HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr(fmt::format("Host: 127.0.0.1:{}\r\n", sidecar.port())));
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer secret\r\n"));

  sidecar.will_say(response("404 Not Found", ""));
  std::ignore = ask(make());
  EXPECT_THAT(sidecar.requests.at(1), Not(HasSubstr("Authorization")));
}

TEST_F(AclClient, WhatIsNoAnswerIsMalformed) {
  const std::string large(17 * 1024, ' ');
  for (const auto& bytes :
       {response("500 Internal Server Error", R"({"member":true})"), response("200 OK", "{"),
        response("302 Found", ""), std::string("no HTTP\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        response("200 OK", large + R"({"member":true})"),
        fmt::format("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", large),
        std::string("HTTP/1.1 200 OK\r\n\r\n") + large + R"({"member":true})"}) {
    const auto result = reads(bytes, true);
    ASSERT_FALSE(result) << bytes.substr(0, 60);
    EXPECT_EQ(result.error(), AclError::malformed) << bytes.substr(0, 60);
  }
}

TEST_F(AclClient, AnAnswerThatIsCutShortIsMalformed) {
  EXPECT_EQ(reads("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"member\":true}", true).error(),
            AclError::malformed);
}

TEST_F(AclClient, NoAnswerWithinTheDeadlineIsTimedOutAndHungUpOn) {
  for (const auto& bytes :
       {ScriptedSidecar::silence, std::string("HTTP/1.1 200 OK\r\nContent-L")}) {
    sidecar.will_say(bytes);
    EXPECT_EQ(ask(make("http", "127.0.0.1", 50ms)).error(), AclError::timed_out);
    run_until([&] { return sidecar.open == 0; });
  }
}

TEST_F(AclClient, AHandshakeThatNeverEndsIsTimedOut) {
  // A plain server waits for the end of a request's head, which a ClientHello never has.
  EXPECT_EQ(ask(make("https", "127.0.0.1", 50ms)).error(), AclError::timed_out);
  run_until([&] { return sidecar.open == 0; });
}

TEST_F(AclClient, NobodyThereIsUnreachable) {
  const auto client = make();
  sidecar.stop_listening();
  EXPECT_EQ(ask(client).error(), AclError::unreachable);
}

TEST_F(AclClient, HangingUpWithoutAWordIsUnreachable) {
  EXPECT_EQ(reads("", true).error(), AclError::unreachable);
}

TEST_F(AclClient, KeepsItsConnection) {
  const auto client = make();
  for (int question = 0; question < 3; ++question) {
    sidecar.will_say(response("200 OK", R"({"member":true})"));
    EXPECT_TRUE(ask(client));
  }
  EXPECT_EQ(sidecar.connections, 1);
}

TEST_F(AclClient, AnIdleConnectionThatHasEndedIsReplaced) {
  const auto client = make();
  sidecar.will_say(response("200 OK", R"({"member":true})"), true);
  EXPECT_TRUE(ask(client));
  run_until([&] { return sidecar.open == 0; });
  sidecar.will_say(response("200 OK", R"({"member":false})"));
  EXPECT_EQ(ask(client)->standing, Standing::outsider);
  EXPECT_EQ(sidecar.connections, 2);
}

TEST_F(AclClient, BytesBeyondAnAnswerAreNotTheNextOne) {
  const auto client = make();
  sidecar.will_say(response("200 OK", R"({"member":false})") +
                   response("200 OK", R"({"member":true})"));
  EXPECT_EQ(ask(client)->standing, Standing::outsider);
  sidecar.will_say(response("404 Not Found", ""));
  EXPECT_EQ(ask(client)->standing, Standing::outsider);
  EXPECT_EQ(sidecar.connections, 2);
}

TEST_F(AclClient, ATokenThatWouldBreakTheHeaderIsRefused) {
  EXPECT_FALSE(make_acl_client(loop.get_executor(),
                               {.url = *parse_acl_url("http://h"), .token = "a\r\nX: y"}));
}

/// The system's CAs are read when a client is made, from where OpenSSL is told they are.
class AclClientTls : public AclClient {
 protected:
  AclClientTls() {
    identity.write_certificate(path);
    ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  }
  ~AclClientTls() override { ::unsetenv("SSL_CERT_FILE"); }

  AskSidecar make_tls(std::string_view host) {
    const auto url = parse_acl_url(fmt::format("https://{}:{}", host, secure.port()));
    return *make_acl_client(loop.get_executor(), {.url = *url, .timeout = 10s});
  }

  test::TempFolder folder;
  std::string path = (folder.path() / "ca.pem").string();
  test::SelfSigned identity;
  ScriptedSidecar secure{loop, &identity};
};

TEST_F(AclClientTls, ATrustedHostIsAskedOverOneConnection) {
  const auto client = make_tls("localhost");
  for (int question = 0; question < 2; ++question) {
    secure.will_say(response("200 OK", R"({"member":true})"));
    EXPECT_EQ(ask(client)->standing, Standing::member);
  }
  EXPECT_EQ(secure.connections, 1);
}

TEST_F(AclClientTls, ACertificateForAnotherNameIsUnreachable) {
  EXPECT_EQ(ask(make_tls("127.0.0.1")).error(), AclError::unreachable);
  EXPECT_TRUE(secure.requests.empty());
}

TEST_F(AclClientTls, ACertificateOfAnUnknownCaIsUnreachable) {
  test::SelfSigned{}.write_certificate(path);
  EXPECT_EQ(ask(make_tls("localhost")).error(), AclError::unreachable);
  EXPECT_TRUE(secure.requests.empty());
}

}  // namespace
}  // namespace extensions::mls_gateway
