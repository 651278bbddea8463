#include "net/trusted_proxies.h"

#include <gtest/gtest.h>

namespace net {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const TrustedProxies proxies({"10.0.0.0/8", "2001:db8:1::/48", "unix"});

base::IpAddress address(const char* text) { return *base::parse_ip_address(text); }

std::optional<base::IpAddress> client(Headers headers, Peer peer = {address("10.0.0.1")}) {
  relay::HttpRequest request;
  request.headers = std::move(headers);
  return proxies.client_of(peer, request);
}

void expect_client(const char* expected, const Headers& headers) {
  EXPECT_EQ(client(headers), address(expected)) << headers.front().second;
}

void expect_doubt(const Headers& headers) {
  EXPECT_EQ(client(headers), std::nullopt) << headers.front().second;
}

TEST(TrustedProxies, HeadersOfAStrangerAreNotRead) {
  for (const char* name : {"forwarded", "x-forwarded-for", "x-real-ip"}) {
    const std::string value = name == std::string("forwarded") ? "for=192.0.2.1" : "192.0.2.1";
    EXPECT_EQ(client({{name, value}}, {address("203.0.113.7")}), address("203.0.113.7"));
    EXPECT_EQ(client({{name, value}}), address("192.0.2.1"));
  }
}

TEST(TrustedProxies, WithoutAnyNobodyIsBelieved) {
  relay::HttpRequest request;
  request.headers = {{"x-forwarded-for", "192.0.2.1"}};
  const Peer loopback{address("127.0.0.1")}, local{address("127.0.0.1"), true};
  EXPECT_EQ(TrustedProxies().client_of(loopback, request), address("127.0.0.1"));
  EXPECT_EQ(TrustedProxies().client_of(local, request), address("127.0.0.1"));
}

TEST(TrustedProxies, UnixSocketIsTrustedByItsNameOnly) {
  const Headers headers = {{"x-forwarded-for", "192.0.2.1"}};
  EXPECT_EQ(client(headers, {address("127.0.0.1"), true}), address("192.0.2.1"));
  relay::HttpRequest request;
  request.headers = headers;
  const TrustedProxies loopback({"127.0.0.1"});
  EXPECT_EQ(loopback.client_of({address("127.0.0.1"), true}, request), address("127.0.0.1"));
}

TEST(TrustedProxies, QuoteOfAClientDoesNotSwallowWhatAProxyAdds) {
  expect_client("203.0.113.5", {{"x-forwarded-for", "\", 203.0.113.5"}});
  expect_client("203.0.113.5", {{"x-forwarded-for", "\"1.1.1.1, 203.0.113.5"}});
  expect_doubt({{"forwarded", "for=1.1.1.1;by=\", for=203.0.113.5"}});
}

TEST(TrustedProxies, ClientIsTheRightmostThatIsNoProxy) {
  expect_client("192.0.2.1", {{"x-forwarded-for", "192.0.2.1"}});
  expect_client("192.0.2.1", {{"x-forwarded-for", "6.6.6.6, 192.0.2.1,10.0.0.2 , 10.0.0.3"}});
  expect_client("192.0.2.1", {{"x-forwarded-for", "junk from the client, 192.0.2.1"}});
  expect_client("192.0.2.1",
                {{"forwarded", "for=6.6.6.6, for=192.0.2.1;proto=https, for=10.0.0.2"}});
}

TEST(TrustedProxies, LinesOfOneHeaderAreOneList) {
  // HAProxy adds a line of its own to those that the client sent.
  expect_client("192.0.2.1", {{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "192.0.2.1"}});
  expect_client("192.0.2.1", {{"x-forwarded-for", "192.0.2.1"}, {"x-forwarded-for", "10.0.0.2"}});
}

TEST(TrustedProxies, AddressesAreReadAsProxiesWriteThem) {
  expect_client("192.0.2.1", {{"x-forwarded-for", "192.0.2.1:4711"}});
  expect_client("2001:db8::1", {{"x-forwarded-for", "2001:db8::1"}});
  expect_client("2001:db8::1", {{"x-forwarded-for", "[2001:db8::1]:4711"}});
  expect_client("2001:db8::1",
                {{"forwarded", R"(proto=http; For="[2001:db8::1]:4711";by=10.0.0.1)"}});
  expect_client("192.0.2.1", {{"forwarded", R"(by="a,b;for=6.6.6.6";for="192.0.2.1:80")"}});
  expect_client("192.0.2.1", {{"x-forwarded-for", "::ffff:192.0.2.1"}});
  expect_client("192.0.2.1", {{"x-real-ip", "192.0.2.1"}});
}

TEST(TrustedProxies, WhatCannotBeReadIsNotBelieved) {
  for (const char* text : {"unknown", "192.0.2.1, unknown", "[2001:db8::1", "[]", ":80",
                           "1.2.3.4:5:6", "\"192.0.2.1", "client.example"})
    expect_doubt({{"x-forwarded-for", text}});
  for (const char* text : {"for=unknown", "for=_hidden", "proto=https", "for=", "192.0.2.1", "for"})
    expect_doubt({{"forwarded", text}});
  expect_doubt({{"x-real-ip", "garbage"}});
}

TEST(TrustedProxies, HeadersThatContradictEachOtherAreNotBelieved) {
  // Each proxy passes on what it does not know: a client behind nginx may write Forwarded as it likes.
  expect_doubt({{"forwarded", "for=6.6.6.6"}, {"x-forwarded-for", "192.0.2.1"}});
  expect_doubt({{"x-forwarded-for", "6.6.6.6"}, {"x-real-ip", "192.0.2.1"}});
  expect_client("192.0.2.1", {{"forwarded", "for=192.0.2.1"},
                              {"x-forwarded-for", "192.0.2.1"},
                              {"x-real-ip", "192.0.2.1"}});
}

TEST(TrustedProxies, RealIpOfTheProxyBeforeTheLastNamesNoOther) {
  expect_client("192.0.2.1",
                {{"x-forwarded-for", "192.0.2.1, 10.0.0.2"}, {"x-real-ip", "10.0.0.2"}});
}

TEST(TrustedProxies, ClientInsideTheTrustedRangeIsTheFarthest) {
  expect_client("10.0.0.9", {{"x-forwarded-for", "10.0.0.9, 10.0.0.2"}});
}

TEST(TrustedProxies, ProxyThatSaysNothingStandsForItsClients) {
  expect_client("10.0.0.1", {{"host", "relay"}});
  expect_client("10.0.0.1", {{"x-forwarded-for", " , "}});
}

}  // namespace
}  // namespace net
