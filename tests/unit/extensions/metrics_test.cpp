#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <latch>
#include <thread>

#include "extensions/metrics/extension.h"
#include "extensions/metrics/families.h"
#include "extensions/metrics/process.h"

namespace {

using namespace extensions::metrics;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const Registry& registry, relay::Measures measures = {}) {
  return Families(registry, std::move(measures)).text();
}

store::StoredEvent stored(nostr::Kind kind) {
  auto event = std::make_shared<nostr::Event>();
  event->kind = kind;
  return {.event = std::move(event), .seq = 1, .mark = 0, .expires_at = {}};
}

TEST(MetricsKinds, OnesThatClientsMakeUpShareALabel) {
  EXPECT_EQ(label_of(slot_of(445)), "445");
  EXPECT_EQ(label_of(slot_of(0)), "0");
  EXPECT_EQ(label_of(slot_of(34550)), "34550");
  EXPECT_EQ(label_of(slot_of(4711)), "other");
  EXPECT_EQ(label_of(slot_of(65535)), "other");
  EXPECT_TRUE(is_gateway_kind(slot_of(30443)));
  EXPECT_FALSE(is_gateway_kind(slot_of(1)));
  EXPECT_FALSE(is_gateway_kind(slot_of(65535)));
}

TEST(MetricsHistogram, AValueLiesInTheFirstBucketThatReachesIt) {
  Histogram histogram(size_bounds);
  for (const std::uint64_t value : {1, 2, 3, 1000, 1001}) histogram.add(value);
  EXPECT_EQ(histogram.count(0), 1u);
  EXPECT_EQ(histogram.count(1), 1u);
  EXPECT_EQ(histogram.count(2), 1u);
  EXPECT_EQ(histogram.count(9), 1u);
  EXPECT_EQ(histogram.count(10), 1u);
  EXPECT_EQ(histogram.sum(), 2007u);
}

TEST(MetricsRegistry, WorkersAreAddedUp) {
  Registry registry;
  registry.add_worker().on(relay::Received{relay::ClientVerb::req});
  auto& other = registry.add_worker();
  other.on(relay::Received{relay::ClientVerb::req});
  other.on(relay::Delivered{relay::Source::live, 7});
  EXPECT_THAT(text_of(registry),
              AllOf(HasSubstr("nostr_client_messages_total{verb=\"REQ\"} 2\n"),
                    HasSubstr("nostr_relay_messages_total{verb=\"EVENT\"} 7\n"),
                    HasSubstr("mls_gateway_deliveries_total{source=\"live\"} 7\n"),
                    HasSubstr("mls_gateway_deliveries_total{source=\"stored\"} 0\n")));
}

TEST(MetricsRegistry, ThreadsAddWhileAnotherReads) {
  constexpr int messages = 20'000;
  Registry registry;
  std::latch begun(3);
  const auto work = [&] {
    auto& mine = registry.add_worker();
    begun.arrive_and_wait();
    for (int i = 0; i < messages; ++i) {
      mine.on(relay::Received{relay::ClientVerb::event});
      mine.on(relay::EventAnswered{1, true, "", 1ms});
    }
  };
  std::thread one(work), two(work);
  begun.arrive_and_wait();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(text_of(registry).empty());
  one.join();
  two.join();
  EXPECT_THAT(text_of(registry),
              AllOf(HasSubstr("nostr_client_messages_total{verb=\"EVENT\"} 40000\n"),
                    HasSubstr("mls_gateway_publish_duration_seconds_count 40000\n"),
                    HasSubstr("mls_gateway_publish_duration_seconds_bucket{le=\"0.001\"} 40000\n"),
                    HasSubstr("mls_gateway_publish_duration_seconds_bucket{le=\"0.0005\"} 0\n")));
}

TEST(MetricsRegistry, ARefusalIsCountedByWhatWasAskedAndItsPrefix) {
  Registry registry;
  auto& worker = registry.add_worker();
  worker.on(relay::EventAnswered{445, false, "restricted: you are no member", 1us});
  worker.on(relay::EventAnswered{445, true, "duplicate: already have this event", 1us});
  worker.on(relay::EventAnswered{{}, false, "invalid: not an event", {}});
  worker.on(relay::AuthAnswered{"invalid: wrong challenge"});
  worker.on(relay::AuthAnswered{""});
  worker.on(relay::Refused{relay::ClientVerb::count, "unsupported: no"});
  worker.on(relay::Refused{relay::ClientVerb::req, "made up: by a plugin"});
  const auto rejects = [](const char* prefix, const char* verb) {
    return HasSubstr("mls_gateway_rejects_total{verb=\"" + std::string(verb) + "\",prefix=\"" +
                     prefix + "\"} 1\n");
  };
  EXPECT_THAT(text_of(registry),
              AllOf(rejects("restricted", "EVENT"), rejects("duplicate", "EVENT"),
                    rejects("invalid", "EVENT"), rejects("invalid", "AUTH"),
                    rejects("unsupported", "COUNT"), rejects("other", "REQ")));
  EXPECT_THAT(text_of(registry),
              AllOf(HasSubstr("mls_gateway_auth_total{result=\"ok\"} 1\n"),
                    HasSubstr("mls_gateway_auth_total{result=\"failed\"} 1\n"),
                    HasSubstr("mls_gateway_publish_duration_seconds_count 2\n")));
}

TEST(MetricsRegistry, ErrorsAndAcceptedEventsHaveTheSameKindsFromTheStart) {
  Registry registry;
  auto& worker = registry.add_worker();
  worker.on(relay::EventAnswered{446, false, "error: the disk is full", 1us});
  worker.on(relay::EventAnswered{1, false, "error: the disk is full", 1us});
  const std::vector<store::StoredEvent> events = {stored(446), stored(1), stored(4711)};
  registry.commits().add({.writes = 3, .events = events, .took = 2ms});
  const std::string text = text_of(registry);
  for (const char* kind : {"443", "445", "450", "1059", "10050", "10051", "21059", "30443"}) {
    const std::string label = "{kind=\"" + std::string(kind) + "\"} 0\n";
    EXPECT_THAT(text, HasSubstr("mls_gateway_events_processed_total" + label));
    EXPECT_THAT(text, HasSubstr("mls_gateway_errors_total" + label));
  }
  EXPECT_THAT(text, AllOf(HasSubstr("mls_gateway_events_processed_total{kind=\"446\"} 1\n"),
                          HasSubstr("mls_gateway_errors_total{kind=\"446\"} 1\n"),
                          HasSubstr("nostr_events_total{kind=\"1\"} 1\n"),
                          HasSubstr("nostr_events_total{kind=\"other\"} 1\n"),
                          Not(HasSubstr("mls_gateway_errors_total{kind=\"1\"}"))));
}

TEST(MetricsRegistry, OnlyGroupCommitsAreTimed) {
  Registry registry;
  registry.commits().add({.writes = 12, .took = 3ms});
  registry.commits().add({.writes = 0, .took = 1s});
  registry.commits().add({.writes = 2, .failed = true, .took = 3ms});
  EXPECT_THAT(text_of(registry), AllOf(HasSubstr("mls_gateway_commit_duration_seconds_count 2\n"),
                                       HasSubstr("mls_gateway_commit_events_sum 14\n"),
                                       HasSubstr("mls_gateway_commits_failed_total 1\n")));
}

TEST(MetricsRegistry, OpenSubscriptionsGoUpAndDown) {
  Registry registry;
  registry.add_worker().on(relay::SubscriptionsChanged{3});
  auto& other = registry.add_worker();
  other.on(relay::SubscriptionsChanged{1});
  other.on(relay::SubscriptionsChanged{-1});
  EXPECT_THAT(text_of(registry), HasSubstr("mls_gateway_subscriptions 3\n"));
}

TEST(MetricsRegistry, StoreCallsAreTimedByOperation) {
  Registry registry;
  registry.add_store_user().called(store::Call::query, 70ms);
  registry.add_store_user().called(store::Call::query, 300ms);
  EXPECT_THAT(text_of(registry),
              AllOf(HasSubstr("mls_gateway_db_operation_duration_seconds_bucket{operation=\"query\""
                              ",le=\"0.1\"} 1\n"),
                    HasSubstr("mls_gateway_db_operation_duration_seconds_bucket{operation=\"query\""
                              ",le=\"0.5\"} 2\n"),
                    HasSubstr("mls_gateway_db_operation_duration_seconds_count{operation=\"append\""
                              "} 0\n")));
}

TEST(MetricsFamilies, MeasuresOfOneNameAreOneFamily) {
  Registry registry;
  const std::string text = text_of(
      registry, {{"depth", "How deep.", relay::Measure::Type::gauge, 3, {{"worker", "0"}}},
                 {"done_total", "What is done.", relay::Measure::Type::counter, 5},
                 {"depth", "How deep.", relay::Measure::Type::gauge, 4, {{"worker", "1"}}}});
  EXPECT_THAT(text, HasSubstr("# HELP depth How deep.\n# TYPE depth gauge\n"
                              "depth{worker=\"0\"} 3\ndepth{worker=\"1\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE done_total counter\ndone_total 5\n"));
}

TEST(MetricsProcess, SaysWhatLinuxSays) {
  std::vector<std::string> names;
  for (const auto& measure : process_measures()) {
    names.push_back(measure.name);
    EXPECT_GT(measure.value, 0) << measure.name;
  }
  EXPECT_THAT(names, testing::ElementsAre("process_resident_memory_bytes",
                                          "process_cpu_seconds_total", "process_open_fds",
                                          "process_max_fds", "process_start_time_seconds"));
}

// GET /metrics

relay::HttpResponse get(const Metrics& metrics, std::string authorization = {}) {
  relay::HttpRequest request{
      .method = "GET", .path = "/metrics", .query = {}, .headers = {}, .body = {}};
  if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
  const auto routes = metrics.routes();
  boost::asio::io_context context;
  relay::HttpResponse response;
  boost::asio::co_spawn(context, routes.front().handler(request),
                        [&](std::exception_ptr failure, relay::HttpResponse answer) {
                          EXPECT_FALSE(failure);
                          response = std::move(answer);
                        });
  context.run();
  return response;
}

TEST(MetricsRoute, WantsTheTokenThatIsSet) {
  const Metrics metrics({.bind = "", .token = "0123456789abcdef"});
  EXPECT_EQ(get(metrics, "Bearer 0123456789abcdef").status, 200);
  for (const char* wrong : {"", "Bearer ", "Bearer 0123456789abcdeg", "Bearer 0123456789abcdef0",
                            "Basic 0123456789abcdef", "0123456789abcdef"}) {
    const auto refused = get(metrics, wrong);
    EXPECT_EQ(refused.status, 401) << wrong;
    EXPECT_THAT(refused.headers, Contains(testing::Pair("WWW-Authenticate", "Bearer")));
    EXPECT_THAT(refused.body, Not(HasSubstr("mls_gateway")));
  }
}

TEST(MetricsRoute, WantsNothingOnASocketOfItsOwn) {
  const Metrics metrics({.bind = "127.0.0.1:9464", .token = ""});
  const auto answer = get(metrics);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(MetricsRoute, AsksForFiguresAtEachScrape) {
  Metrics metrics({.bind = "127.0.0.1:9464", .token = ""});
  double asked = 0;
  metrics.ask([&asked]() -> boost::asio::awaitable<relay::Measures> {
    co_return relay::Measures{{"asked_total", "Times.", relay::Measure::Type::counter, ++asked}};
  });
  EXPECT_THAT(get(metrics).body, HasSubstr("asked_total 1\n"));
  EXPECT_THAT(get(metrics).body, HasSubstr("asked_total 2\n"));
}

TEST(MetricsConfig, AnAddressIsAnAddressAndAPort) {
  EXPECT_EQ(parse_address("127.0.0.1:9464")->port, 9464);
  EXPECT_EQ(parse_address("[::1]:9464")->host, "[::1]");
  EXPECT_EQ(parse_address("localhost:1")->host, "localhost");
  for (const char* wrong : {"9464", ":9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536",
                            "127.0.0.1:94x", "::1:9464", "relay.example:9464", "127.0.0.1:"})
    EXPECT_FALSE(parse_address(wrong)) << wrong;
}

TEST(MetricsConfig, AShortTokenIsRefusedAndNotRepeated) {
  Config config;
  base::Settings settings;
  declare(settings, config);
  const auto& token = settings.all().back();
  config.token = "too-short-secret";
  EXPECT_EQ(token.check(), std::nullopt);
  config.token.pop_back();
  EXPECT_THAT(*token.check(), AllOf(HasSubstr("16 characters"), Not(HasSubstr("too-short"))));
}

}  // namespace
