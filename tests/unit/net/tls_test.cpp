// TLS by the server itself, with OpenSSL's own client at the other end.
#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <functional>

#include "net/socket.h"
#include "support/temp_folder.h"
#include "unit/net/certificate.h"
#include "unit/net/server_fixture.h"

namespace net {
namespace {

using namespace test;
using testing::HasSubstr;
using ClientContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

ClientContext client_context(int version = 0) {
  ClientContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), version ? version : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), version);
  // Old versions need signatures that the library's default level forbids: the server is to refuse them, not we.
  if (version && version < TLS1_2_VERSION) SSL_CTX_set_security_level(context.get(), 0);
  return context;
}

ClientContext client_that_offers(const std::string& protocol) {
  auto context = client_context();
  const std::string list = static_cast<char>(protocol.size()) + protocol;
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned>(list.size()));
  return context;
}

std::string name_of_peer(const RawClient& client) {
  const Certificate certificate(SSL_get1_peer_certificate(client.tls()));
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                            sizeof name);
  return name;
}

class Tls : public ServerTest {
 protected:
  void start_with(const TlsFiles& files) {
    auto loaded = TlsContext::load(files);
    ASSERT_TRUE(loaded) << loaded.error();
    tls = std::move(*loaded);
    options.tls = tls;
    start();
  }
  RawClient connect(SSL_CTX* context) {
    RawClient client(port);
    EXPECT_TRUE(client.start_tls(context));
    return client;
  }
  static std::string load_error(const TlsFiles& files) {
    const auto loaded = TlsContext::load(files);
    return loaded ? "" : loaded.error();
  }

  TempFolder folder;
  const TlsFiles first = make_certificate(folder.path(), "first");
  const TlsFiles second = make_certificate(folder.path(), "second");
  std::shared_ptr<TlsContext> tls;
};

TEST_F(Tls, ServesWebSocketsByBothVersions) {
  start_with(first);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto client = connect(client_context(version).get());
    EXPECT_EQ(SSL_version(client.tls()), version);
    EXPECT_EQ(client.upgrade().status, 101);
    client.send(text_frame("hello"));
    EXPECT_EQ(client.read_text(), "hello");
  }
}

TEST_F(Tls, OlderVersionsAreRefused) {
  start_with(first);
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    RawClient client(port);
    EXPECT_FALSE(client.start_tls(client_context(version).get()));
  }
  connect(client_context().get());
}

TEST_F(Tls, LongMessagesPassBothWays) {
  start_with(first);
  auto client = connect(client_context().get());
  EXPECT_EQ(client.upgrade().status, 101);
  const std::string message(500'000, 'm');
  client.send(text_frame(message));
  EXPECT_EQ(client.read_text(), message);
}

TEST_F(Tls, ManyMessagesOfOneWriteAreAllAnswered) {
  start_with(first);
  auto client = connect(client_context().get());
  EXPECT_EQ(client.upgrade().status, 101);
  std::string frames;
  for (int i = 0; i < 2000; ++i) frames += text_frame("message " + std::to_string(i));
  client.send(frames);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.read_text(), "message " + std::to_string(i));
}

TEST_F(Tls, WhatTheKernelDoesNotTakeFollowsLater) {
  options.limits.max_send_queue_bytes = 128 << 20;
  start_with(first);
  auto client = connect(client_context().get());
  EXPECT_EQ(client.upgrade().status, 101);
  client.send(text_frame("flood"));
  ASSERT_TRUE(eventually([&] { return !sessions.empty() && !sessions[0]->received.empty(); }));
  for (int i = 0; i < 64; ++i) ASSERT_EQ(client.read_text().size(), 1u << 20) << i;
  client.send(text_frame("and on"));
  EXPECT_EQ(client.read_text(), "and on");
}

/// Repeats the certificate until the file holds a chain of 90 kB; more than 100 kB no client takes.
void lengthen(const std::string& path) {
  std::ifstream file(path);
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  std::ofstream chain(path, std::ios::app);
  for (std::size_t bytes = 0; bytes < 90'000; bytes += pem.size() * 3 / 4) chain << pem;
}

TEST_F(Tls, HandshakeThatTheKernelDoesNotTakeAtOnceGoesOn) {
  lengthen(first.certificate);
  const auto context = TlsContext::load(first);
  ASSERT_TRUE(context) << context.error();
  std::array<int, 2> ends;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const int small = 4096;
  ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  boost::asio::io_context loop;
  StreamSocket stream(loop.get_executor());
  stream.assign(boost::asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
  Socket socket(std::move(stream), Loop::Place());
  socket.begin_tls(**context);
  std::vector<char> room(16 * 1024);
  std::optional<std::size_t> received;
  const std::function<void()> receive = [&] {
    received = socket.receive(room);
    if (received == 0u) socket.wait_readable(receive);
  };
  socket.wait_readable(receive);
  std::thread client([&] {
    RawClient peer(RawClient::Connected{ends[1]});
    if (peer.start_tls(client_context().get())) peer.send("hello");
  });
  loop.run_for(std::chrono::seconds(10));
  socket.close();
  client.join();
  EXPECT_EQ(received, 5u);
}

TEST_F(Tls, RequestsInClearAreToldToUseTls) {
  start_with(first);
  RawClient client(port);
  client.send("GET / HTTP/1.1\r\nHost: relay\r\n\r\n");
  const std::string answer = client.read(1000);
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("this port speaks TLS"));
}

TEST_F(Tls, AlpnIsHttp11OrNothing) {
  start_with(first);
  auto client = connect(client_that_offers("http/1.1").get());
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.tls(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  RawClient other(port);
  EXPECT_FALSE(other.start_tls(client_that_offers("h2").get()));
}

TEST_F(Tls, HandshakeThatIsNotFinishedIsDroppedInTime) {
  options.tick = std::chrono::milliseconds(5);
  start_with(first);
  RawClient silent(port), slow(port);
  slow.send("\x16\x03\x01\x02");
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(slow.at_end());
  EXPECT_TRUE(eventually([&] { return options.counters->open == 0; }));
}

TEST_F(Tls, EndOfTheStreamIsAnnouncedAndNoticed) {
  start_with(first);
  auto client = connect(client_context().get());
  EXPECT_EQ(client.request("GET /", "Connection: close\r\n").status, 404);
  EXPECT_TRUE(client.at_end());
  EXPECT_NE(SSL_get_shutdown(client.tls()) & SSL_RECEIVED_SHUTDOWN, 0) << "no close_notify";
  auto other = connect(client_context().get());
  EXPECT_EQ(other.upgrade().status, 101);
  SSL_shutdown(const_cast<SSL*>(other.tls()));
  EXPECT_TRUE(eventually([&] { return sessions.at(0)->closed == 1; }));
}

TEST_F(Tls, ConnectionAboveTheLimitIsEndedWithoutAHandshake) {
  options.limits.max_connections = 1;
  start_with(first);
  auto client = connect(client_context().get());
  EXPECT_TRUE(RawClient(port).at_end());
  EXPECT_EQ(options.counters->refused, 1u);
}

TEST_F(Tls, NewCertificateIsForConnectionsToCome) {
  start_with(first);
  const auto context = client_context();
  auto open = connect(context.get());
  EXPECT_EQ(open.upgrade().status, 101);
  EXPECT_EQ(name_of_peer(open), "first");
  ASSERT_TRUE(tls->reload(second));
  auto later = connect(context.get());
  EXPECT_EQ(name_of_peer(later), "second");
  open.send(text_frame("still open"));
  EXPECT_EQ(open.read_text(), "still open");
}

TEST_F(Tls, BadCertificateAtAReloadLeavesTheOldOne) {
  start_with(first);
  EXPECT_FALSE(tls->reload({first.certificate, second.key}));
  EXPECT_FALSE(tls->reload({(folder.path() / "none.crt").string(), first.key}));
  EXPECT_EQ(name_of_peer(connect(client_context().get())), "first");
}

TEST_F(Tls, KeyOfAnotherCertificateIsRefused) {
  EXPECT_EQ(load_error({first.certificate, second.key}),
            "[server] tls_key: " + second.key + " is not the key of the certificate in " +
                first.certificate + "; name the two that were made together");
}

TEST_F(Tls, FileThatIsMissingOrEmptyIsNamed) {
  const std::string none = (folder.path() / "none.crt").string();
  EXPECT_THAT(load_error({none, first.key}),
              HasSubstr("tls_cert: " + none + " cannot be read: No such file or directory; name"));
  EXPECT_THAT(load_error({first.certificate, none}), HasSubstr("tls_key: " + none));
  std::ofstream(none).flush();
  EXPECT_THAT(load_error({none, first.key}), HasSubstr("it is empty"));
  EXPECT_THAT(load_error({folder.path().string(), first.key}), HasSubstr("cannot be read"));
}

TEST_F(Tls, FileThatIsNoPemIsRefusedByItsName) {
  const std::string junk = (folder.path() / "junk.pem").string();
  std::ofstream(junk) << "no certificate\n";
  EXPECT_THAT(load_error({junk, first.key}),
              HasSubstr("tls_cert: " + junk + " holds no certificate in PEM form"));
  EXPECT_THAT(load_error({first.certificate, junk}),
              HasSubstr("tls_key: " + junk + " holds no private key in PEM form"));
}

TEST_F(Tls, KeyWithAPassphraseIsRefusedAndNobodyIsAsked) {
  const auto locked = make_certificate(folder.path(), "locked", "secret");
  EXPECT_THAT(load_error(locked), HasSubstr("it must have no passphrase"));
}

}  // namespace
}  // namespace net
